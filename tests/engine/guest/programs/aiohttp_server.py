import sys

from aiohttp import web


async def page(request):
    return web.Response(text="hello")


application = web.Application()
application.router.add_get("/", page)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
