"""The syllabus: the table of concurrency models, in the order in which they are read.

The table is data: whatever differs from model to model is a trait of its row, and nothing asks for a model's name.
"""

from engine.model import START_METHOD, START_METHODS, Model
from engine.setting import Setting
from engine.texts import QT_TRANSLATE_NOOP, translate

WORKER_EACH = QT_TRANSLATE_NOOP("models", "A worker for each client")
ONE_BY_ONE = QT_TRANSLATE_NOOP("models", "One after the other")
POOL = QT_TRANSLATE_NOOP("models", "A pool of workers")
ONE_LOOP = QT_TRANSLATE_NOOP("models", "One loop for all clients")


ALL_CORES = Setting(
    "all_cores", bool, False,
    QT_TRANSLATE_NOOP("settings", "Run on every core: slower, as threads hand one lock from core to core"),
    title=QT_TRANSLATE_NOOP("settings", "All cores"), condition=True, by_engine=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "on all cores"), False: ""},
)  # fmt: skip

TO_THREAD = Setting(
    "to_thread", bool, False,
    QT_TRANSLATE_NOOP("settings", "Call the application in a thread of a pool, so that it does not stop the loop"),
    title=QT_TRANSLATE_NOOP("settings", "In a thread"), condition=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "in a thread"), False: ""},
)  # fmt: skip

REUSEPORT = Setting(
    "reuseport", bool, False,
    QT_TRANSLATE_NOOP("settings", "Each process listens with a socket and a queue of its own (SO_REUSEPORT)"),
    title=QT_TRANSLATE_NOOP("settings", "A socket each"), condition=True,
    condition_texts={True: QT_TRANSLATE_NOOP("settings", "a socket each"), False: ""},
)  # fmt: skip
WORKERS = Setting(
    "workers", int, 4, QT_TRANSLATE_NOOP("settings", "How many processes serve clients"), least=1, most=64,
    metavar="N", title=QT_TRANSLATE_NOOP("settings", "Processes"), condition=True,
    condition_texts={None: translate("settings", "%Ln process(es)", "", -1)},
)  # fmt: skip
THREADS = Setting(
    "threads", int, 8, QT_TRANSLATE_NOOP("settings", "How many threads the pool has"), least=1, most=256,
    metavar="N", title=QT_TRANSLATE_NOOP("settings", "Threads"), condition=True,
    condition_texts={None: translate("settings", "%Ln thread(s)", "", -1)},
)  # fmt: skip
QUEUE_LENGTH = Setting(
    "queue_length", int, 64,
    QT_TRANSLATE_NOOP("settings", "How many accepted connections may wait for a thread of the pool"),
    least=1, most=10_000, metavar="N", title=QT_TRANSLATE_NOOP("settings", "Queue"), condition=True,
    condition_texts={None: QT_TRANSLATE_NOOP("settings", "a queue of {n}")},
)  # fmt: skip

MODELS = {
    model.key: model
    for model in (
        Model(
            key="iterative", title=QT_TRANSLATE_NOOP("models", "Iterative"),
            idea=QT_TRANSLATE_NOOP("models", "one client at a time; the others wait in the kernel's queue"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "http.server, wsgiref"),
            family=ONE_BY_ONE, worker="loop", waits="call", serves="many", accepts="first", keep_alive=False,
            icon="list-ordered", colour="#55555C",
        ),
        Model(
            key="process", title=QT_TRANSLATE_NOOP("models", "Processes"),
            idea=QT_TRANSLATE_NOOP("models", "one process per connection"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "PostgreSQL, inetd"),
            family=WORKER_EACH,
            worker="process", waits="call", serves="one", accepts="first", keep_alive=False,
            icon="git-fork", colour="#BE4000", without_fork="spawn", settings=(START_METHOD,),
        ),
        Model(
            key="thread", title=QT_TRANSLATE_NOOP("models", "Threads"),
            idea=QT_TRANSLATE_NOOP("models", "one thread per connection"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "Flask's server, Django's runserver, ThreadingHTTPServer"),
            family=WORKER_EACH,
            worker="thread", waits="call", serves="one", accepts="first", keep_alive=False,
            icon="columns-3", colour="#2351A8", settings=(ALL_CORES,),
        ),
        Model(
            key="gevent", title=QT_TRANSLATE_NOOP("models", "Greenlets"),
            idea=QT_TRANSLATE_NOOP("models", "one gevent greenlet per connection"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "gunicorn gevent, gevent.pywsgi"),
            family=WORKER_EACH,
            worker="greenlet", waits="call", serves="one", accepts="first", keep_alive=False,
            icon="waves-horizontal", colour="#007E48", patched=True,
        ),
        Model(
            key="asyncio", title=QT_TRANSLATE_NOOP("models", "asyncio"),
            idea=QT_TRANSLATE_NOOP("models", "one task per connection, with await where it waits"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "uvicorn, hypercorn, aiohttp"),
            family=WORKER_EACH,
            worker="task", waits="poller", serves="one", accepts="first", keep_alive=True,
            icon="list-todo", colour="#6863FF", settings=(TO_THREAD,),
        ),
        Model(
            key="prefork", title=QT_TRANSLATE_NOOP("models", "Preforked processes"),
            idea=QT_TRANSLATE_NOOP("models", "some processes, made at the start; all accept from one socket"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "gunicorn (sync, its default), uWSGI, Apache's prefork"),
            family=POOL, worker="process", waits="call", serves="many", accepts="each", keep_alive=False,
            icon="boxes", colour="#723D0E", needs="os.fork", systems=QT_TRANSLATE_NOOP("models", "Linux and macOS"),
            settings=(WORKERS, REUSEPORT),
        ),
        Model(
            key="threadpool", title=QT_TRANSLATE_NOOP("models", "Thread pool"),
            idea=QT_TRANSLATE_NOOP("models", "some threads take clients from one queue"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "gunicorn gthread, cheroot, Puma"),
            family=POOL, worker="thread", waits="call", serves="many", accepts="first", keep_alive=False,
            icon="layers", colour="#53598F", settings=(THREADS, QUEUE_LENGTH, ALL_CORES),
        ),
        Model(
            key="nonblocking", title=QT_TRANSLATE_NOOP("models", "Non-blocking"),
            idea=QT_TRANSLATE_NOOP("models", "one thread asks every socket, again and again"),
            family=ONE_LOOP, worker="loop", waits="never", serves="many", accepts="first", keep_alive=False,
            icon="refresh-cw", colour="#FF7D97", greets=True, keep_alive_in_file=True,
        ),
        Model(
            key="keepalive", title=QT_TRANSLATE_NOOP("models", "Non-blocking + keep-alive"),
            idea=QT_TRANSLATE_NOOP("models", "the same loop, connections stay open"),
            family=ONE_LOOP, worker="loop", waits="never", serves="many", accepts="first", keep_alive=True,
            icon="infinity", colour="#BE9F36", keep_alive_in_file=True,
        ),
        Model(
            key="select", title=QT_TRANSLATE_NOOP("models", "select"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the kernel looks at a list of all sockets"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "asyncore"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="list-filter", colour="#469BB7",
        ),
        Model(
            key="poll", title=QT_TRANSLATE_NOOP("models", "poll"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the same with any number of sockets"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "asyncore with use_poll"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="hand", colour="#16465E", needs="select.poll",
            systems=QT_TRANSLATE_NOOP("models", "Linux and macOS"),
        ),
        Model(
            key="epoll", title=QT_TRANSLATE_NOOP("models", "epoll"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the kernel says which are ready"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "node, Redis, lighttpd"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="bell-ring", colour="#27B0F9", needs="select.epoll", systems=QT_TRANSLATE_NOOP("models", "Linux"),
        ),
        Model(
            key="epollet", title=QT_TRANSLATE_NOOP("models", "epoll, edge-triggered"),
            idea=QT_TRANSLATE_NOOP("models", "one thread; the kernel says once what has changed"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "nginx"),
            family=ONE_LOOP,
            worker="loop", waits="poller", serves="many", accepts="first", keep_alive=True,
            icon="zap", colour="#78AEC6", needs="select.epoll", systems=QT_TRANSLATE_NOOP("models", "Linux"),
        ),
        Model(
            key="reactor", title=QT_TRANSLATE_NOOP("models", "Reactor + pool"),
            idea=QT_TRANSLATE_NOOP("models", "one loop reads and writes, some threads call the application"),
            in_the_wild=QT_TRANSLATE_NOOP("models", "waitress"),
            family=ONE_LOOP, worker="loop", waits="poller", serves="many", accepts="first", hands_over=True,
            keep_alive=True, icon="atom", colour="#5B819D", settings=(THREADS, ALL_CORES),
        ),
    )
}  # fmt: skip

FIRST = next(
    key
    for key, model in MODELS.items()
    if model.serves == "one" and (START_METHOD not in model.settings or START_METHODS[0] == "fork")
)
"""The model that is chosen at first, which gives each client a worker: where the system can't fork, a process for each
client is too slow for that."""


def families() -> dict[str, list[Model]]:
    """The models under their headings, all in the order of the table."""
    found: dict[str, list[Model]] = {}
    for model in MODELS.values():
        found.setdefault(model.family, []).append(model)
    return found
