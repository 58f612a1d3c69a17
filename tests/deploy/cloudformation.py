# SPDX-License-Identifier: MIT
#
# A CloudFormation in which no stack exists, on a free port of 127.0.0.1: `osls package` asks it
# whether an earlier deployment has the same layer. Prints the port, and serves until it is ended.

from http.server import BaseHTTPRequestHandler, HTTPServer

ANSWER = b"""<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack does not exist</Message></Error>
<RequestId>1</RequestId></ErrorResponse>"""


class NoStacks(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(400)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), NoStacks)
print(server.server_port, flush=True)
server.serve_forever()
