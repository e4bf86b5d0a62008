"""What Schemathesis asks, so that it ends and comes further than to be refused."""

import itertools
import os

import schemathesis

known = dict(pair.split("=", 1) for pair in os.environ["KNOWN"].split())
turn = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path == "/v1/feed":
        # A feed that goes on live never ends.
        if case.query:
            case.query.pop("follow", None)
        if case.headers:
            for name in [name for name in case.headers if name.lower() == "accept"]:
                case.headers.pop(name)
    # Two of three name what is there.
    if next(turn) % 3:
        for names in (case.query, case.path_parameters):
            for name in names or {}:
                if name in known:
                    names[name] = known[name]
