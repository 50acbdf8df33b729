"""A mail server for tests: takes mails on loopback and keeps them, or hangs before it takes one."""

from __future__ import annotations

import socketserver
import threading


class SmtpSink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[str] = []
        self.is_hanging = False
        self.asked = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Session(socketserver.StreamRequestHandler):
    server: SmtpSink

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.rfile.readline().decode(errors="replace").strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb == "DATA":
                self._take()
            else:
                self.say("250 ok")

    def _take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode(errors="replace").rstrip("\r\n")) != ".":
            lines.append(line)
        self.server.asked.set()
        if self.server.is_hanging:
            self.rfile.read()  # until whoever waits is killed
            return
        self.server.mails.append("\n".join(lines))
        self.say("250 taken")
