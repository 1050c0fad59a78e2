import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path

settings.configure(DEBUG=True, ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="no secret")
urlpatterns = [path("", lambda request: HttpResponse("hello"))]
execute_from_command_line(["manage.py", "runserver", "--noreload", f"127.0.0.1:{sys.argv[1]}"])
