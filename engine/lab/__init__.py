"""The same load on several models, measured: what a stretch of messages comes to, and the comparison."""
