import asyncio
import sys

from tornado.web import Application, RequestHandler


class Page(RequestHandler):
    def get(self):
        self.write("hello")


async def main():
    Application([("/", Page)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
