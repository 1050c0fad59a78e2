import asyncio
import sys


async def serve_client(reader, writer):
    while await reader.readuntil(b"\r\n\r\n"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        await writer.drain()


async def main():
    server = await asyncio.start_server(serve_client, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
