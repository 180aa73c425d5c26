"""Several people who do something at the same moment, each on a connection of their own."""

import threading

from django.db import connections


def at_once(*acts):
    """Run each in a thread of its own; returns what each returned or raised."""
    ready, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(position, act):
        try:
            ready.wait()
            results[position] = act()
        except Exception as error:  # noqa: BLE001 (told to the test)
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
