#!/usr/bin/env python3
"""A teller of the README's ledger, in Python.

    python3 examples/python/teller.py PORT [NAME] [ENTRY ...]
    python3 examples/python/teller.py --ca cert.pem PORT   # over TLS
"""

import argparse
import asyncio
import ssl
import sys

import goodbyte

parser = argparse.ArgumentParser()
parser.add_argument('port', type=int)
parser.add_argument('name', nargs='?', default='teller 7')
parser.add_argument('entries', nargs='*', type=int, default=[20, 21])
parser.add_argument('--host', default='localhost')
parser.add_argument('--ca', help='a certificate to trust: connects over TLS')
options = parser.parse_args()


async def main():
    context = ssl.create_default_context(cafile=options.ca) if options.ca else None
    try:
        connection = await goodbyte.connect(
            options.host, options.port, ssl=context, caller_data=options.name.encode())
    except goodbyte.Refused as refused:
        sys.exit(f'refused: {refused.reject_data.decode()}')
    async with connection:
        print('the ledger says', connection.callee_data.decode())
        for entry in options.entries:
            await connection.write(f'{entry} in\n'.encode())
        answer = await connection.disconnect(str(sum(options.entries)).encode())
        print('the grand total is', answer.decode())


asyncio.run(main())
