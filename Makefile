# make run     set everything up and start the portal:  make run PORT=8001 HOST=0.0.0.0
# make test    set everything up and run the whole suite, on SQLite and on PostgreSQL
# make check   linters, types, migrations, production settings (after make test)
# make lock    compile requirements/*.txt anew (needs uv)
# make references   draw the reference images of the documents anew, to be looked at before they are committed
# make clean   remove what the set-up made; var/, which holds your data, stays

PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.PHONY: run test check lock references clean python

run: python
	@exec $(PYTHON) scripts/setup.py run

test: python
	@exec $(PYTHON) scripts/setup.py test

check:
	@exec sh scripts/check

references:
	RENEW_REFERENCES=1 .venv/bin/python -m pytest tests/documents/test_built.py -q --database=sqlite

lock:
	cd requirements && for name in runtime test node; do \
		uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q \
		$$name.in -o $$name.txt || exit 1; done

clean:
	rm -rf .venv node_modules build static/vendor

python:
	@test -n "$(PYTHON)" || { echo "The portal needs Python 3.11 or later, which was not found. Type:"; \
		echo "  Debian, Ubuntu: apt-get install -y python3 python3-venv"; \
		echo "  macOS:          brew install python@3.13"; exit 1; }
