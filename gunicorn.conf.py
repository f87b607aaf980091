"""What Gunicorn reads where it is started in this folder (``gunicorn config.wsgi``)."""

#: Bytes of a request's first line: the most it can take. Above 5,000 the site itself says that the address is too long
#: (``common.addresses``), so that readers are told so in words, and programs as a problem of the API.
limit_request_line = 8190
