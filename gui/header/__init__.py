"""The parts of the header: the `state_pill`, and the `choice_button` with its menu."""
