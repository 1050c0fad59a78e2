import sys

from cheroot.wsgi import Server
from shop import app

Server(("127.0.0.1", int(sys.argv[1])), app, numthreads=3).start()
