"""A server of our own in Microsoft's place, which can say what no stand-in says: any bytes, under any certificate."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from local.tls import Certificates


@dataclass
class Liar:
    """Answers every request with the same bytes; ``asked`` has the first line of each."""

    answer: bytes
    listener: socket.socket
    context: ssl.SSLContext
    asked: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        # Whoever has heard enough, or trusts us not, hangs up.
        with suppress(OSError), connection, self.context.wrap_socket(connection, server_side=True) as secured:
            head = b""
            while b"\r\n\r\n" not in head and (part := secured.recv(65536)):
                head += part
            self.asked.append(head.partition(b"\r\n")[0].decode("latin-1"))
            secured.sendall(self.answer)


@contextmanager
def liar(certificates: Certificates, body: bytes, *headers: str, status: str = "200 OK") -> Iterator[Liar]:
    """It listens within this block. headers: whole lines, beside Content-Length."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert, certificates.key)
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Liar("\r\n".join(head).encode("latin-1") + body, listener, context)
        threading.Thread(target=made.serve, daemon=True).start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
