import sys

from flask import Flask

app = Flask(__name__)


@app.get("/")
def page():
    return "hello"


app.run("127.0.0.1", int(sys.argv[1]), use_reloader=False)
