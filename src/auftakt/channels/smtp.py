"""A mail server over SMTP. What happens on the wire is an answer; nothing is retried here.

The address is a URL: `smtp://user:password@host:587?tls=starttls` (the default), `smtps://…:465` for TLS from the first
byte, `?tls=none` for a server on this machine. `timeout=30` bounds each wait in seconds.
"""

import re
import smtplib
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from auftakt.channels.mail.types import FAILED, IN_DOUBT, LATER, SENT, MailAnswer

_REASON_LENGTH = 400
_TLS = ("starttls", "tls", "none")


class SmtpServer:
    """One mail server. Each message is handed over in a conversation of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.tls = asked.pop("tls", "tls" if parts.scheme == "smtps" else "starttls")
        self.timeout = float(asked.pop("timeout", "30"))
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or self.tls not in _TLS or asked:
            raise ValueError(
                "AUFTAKT_MAIL_URL is smtp://user:password@host:587?tls=starttls (or tls, or none), with &timeout=30"
            )
        self.host = parts.hostname
        self.port = parts.port or {"tls": 465, "starttls": 587, "none": 25}[self.tls]
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.name = f"{self.host}:{self.port}"

    def deliver(self, content: bytes, sender: str, to: str) -> MailAnswer:
        """Hand over one message. Only a conversation that breaks after the last line of the message was sent is in
        doubt: before it, the server has surely not taken it."""
        client: smtplib.SMTP | None = None
        try:
            client = self._connect()
            for command, address in (("mail", sender), ("rcpt", to)):
                code, said = client.mail(address) if command == "mail" else client.rcpt(address)
                if code not in (250, 251):
                    return _turned_away(code, said)
            code, said = client.docmd("DATA")
            if code != 354:
                return _turned_away(code, said)
            client.send(_quoted(content))
        except smtplib.SMTPAuthenticationError as error:
            return MailAnswer(LATER, error.smtp_code, _short("the mail server does not know us: ", error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return MailAnswer(LATER, None, _short("the mail server cannot be reached: ", error))
        else:
            return _finish(client)
        finally:
            if client is not None:
                client.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        client: smtplib.SMTP
        if self.tls == "tls":
            client = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        else:
            client = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            client.ehlo_or_helo_if_needed()
            if self.tls == "starttls":
                client.starttls(context=context)
                client.ehlo_or_helo_if_needed()
            if self.user:
                client.login(self.user, self.password)
        except BaseException:
            client.close()
            raise
        return client


def _finish(client: smtplib.SMTP) -> MailAnswer:
    """The last line, after which the server has the message or has it not."""
    try:
        client.send(b".\r\n")
        code, said = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return MailAnswer(IN_DOUBT, None, _short("the mail server did not say whether it took the mail: ", error))
    if code == 250:
        return MailAnswer(SENT, code, _short("", said))
    if not 400 <= code < 600:
        return MailAnswer(IN_DOUBT, code, _short("the mail server's answer cannot be understood: ", said))
    return _turned_away(code, said)


def _turned_away(code: int, said: bytes) -> MailAnswer:
    """5xx is final; everything else may pass."""
    return MailAnswer(FAILED if 500 <= code < 600 else LATER, code, _short("", said))


def _quoted(content: bytes) -> bytes:
    """Lines end in CRLF, and a dot that begins one is doubled."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _short(before: str, said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(f"{before}{text}".split())[:_REASON_LENGTH]
