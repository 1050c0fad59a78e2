import sys

from gevent import monkey

monkey.patch_all()

from gevent.pywsgi import WSGIServer  # noqa: E402
from shop import app  # noqa: E402

WSGIServer(("127.0.0.1", int(sys.argv[1])), app, log=None).serve_forever()
