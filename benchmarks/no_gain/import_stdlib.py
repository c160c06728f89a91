"""Imports much of the standard library and ends: start-up is the work."""
import time

FIRST_LINE = time.time()
import json
import sys

begin = time.perf_counter()
import argparse
import asyncio
import collections
import concurrent.futures
import csv
import dataclasses
import datetime
import decimal
import difflib
import email.message
import enum
import fractions
import http.client
import inspect
import logging
import pathlib
import pickle
import sqlite3
import statistics
import subprocess
import tempfile
import typing
import unittest
import urllib.request
import xml.etree.ElementTree
import zipfile

print(len([name for name in ("asyncio", "sqlite3", "unittest", "zipfile") if name in sys.modules]))
print(json.dumps({"first_line": FIRST_LINE, "rounds": [time.perf_counter() - begin]}), file=sys.stderr)
