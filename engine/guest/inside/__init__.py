"""What is put into a traced program: its folder is on the program's PYTHONPATH, for `sitecustomize` alone."""
