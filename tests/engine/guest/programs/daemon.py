import os
import resource
import runpy
import sys

if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.closerange(0, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
os.open(os.devnull, os.O_RDWR)
os.dup2(0, 1)
os.dup2(0, 2)
sys.argv[0] = "http_server.py"
runpy.run_path(os.path.join(os.path.dirname(__file__), "http_server.py"), run_name="__main__")
