"""One TCP connection that carries numbered bytes at a steady rate.

    transfer.py serve                      until it is interrupted by SIGINT
    transfer.py send ADDRESS KBYTES_SEC    the same

Both print a JSON line when it is over: how many bytes, whether each came and was right, and what
went wrong with the connection, such as a reset.
"""
import json
import select
import signal
import socket
import struct
import sys
import time

PORT = 5301
WORDS = 256


def serve():
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("0.0.0.0", PORT))
    listening.listen()
    print("ready", flush=True)
    took, wrong, trouble, rest = 0, 0, "", b""
    while not select.select([listening], [], [], 0.1)[0]:
        if ended:
            return {"bytes": 0, "wrong": 0, "trouble": "nobody came"}
    connection, _ = listening.accept()
    connection.settimeout(0.1)
    while True:
        try:
            data = connection.recv(65536)
        except socket.timeout:
            if ended:
                trouble = "it was not closed"
                break
            continue
        except OSError as error:
            trouble = str(error)
            break
        if not data:
            break
        rest += data
        whole = len(rest) // 4 * 4
        for (word,) in struct.iter_unpack("!I", rest[:whole]):
            wrong += word != took // 4
            took += 4
        rest = rest[whole:]
    return {"bytes": took, "wrong": wrong, "trouble": trouble}


def send(address, kbytes_sec):
    connection = socket.create_connection((address, PORT), timeout=30)
    connection.settimeout(30)
    print("ready", flush=True)
    sent, trouble, begin = 0, "", time.monotonic()
    try:
        while not ended:
            words = range(sent // 4, sent // 4 + WORDS)
            connection.sendall(struct.pack(f"!{WORDS}I", *words))
            sent += 4 * WORDS
            time.sleep(max(0, begin + sent / 1024 / kbytes_sec - time.monotonic()))
        connection.shutdown(socket.SHUT_WR)
        # Until the other end has it all.
        connection.recv(1)
    except OSError as error:
        trouble = str(error)
    return {"bytes": sent, "wrong": 0, "trouble": trouble}


ended = []
signal.signal(signal.SIGINT, lambda *_: ended.append(True))
print(json.dumps(serve() if sys.argv[1] == "serve" else send(sys.argv[2], float(sys.argv[3]))))
