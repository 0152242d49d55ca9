# The whole developer interface. Everything here is also what CI runs.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test browser pictures faults soak fuzz check secrets audit lock format token keys reseal \
  docs texts bench clean
python := .venv/bin/python
scripts_and_styles := {portal,invitations,scripts,tests}/**/*.{ts,js,mjs,css}

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what the commands need (once; the others do it by themselves)
	@scripts/setup

run: setup ## Run everything on this machine, until Ctrl-C
	@$(python) -m local up

demo: setup ## Walk through the procedure's 21 steps, in the running local cloud or in one of its own
	@$(python) -m local demo

token: setup ## Print an operator's access token; make token ROLE=monitor PROVIDER='Fabrikam Telecom'
	@$(python) -m local token --role $(or $(ROLE),operator) $(if $(PROVIDER),--provider '$(PROVIDER)')

keys: setup ## Count what each sealing key is needed for, in the running local cloud
	@$(python) -m keys status --settings local.settings.json

reseal: setup ## Seal with the newest key what an older one has sealed, in the running local cloud
	@$(python) -m keys reseal --settings local.settings.json

test: setup ## Run all tests (20 to 40 minutes)
	@node --test tests/page/*.test.js
	@$(python) -m pytest tests --ignore tests/browser -n 2
	@$(python) -m tests.browser  # apart: a browser's event loop stays in the process that began it

browser: setup ## Try the pages in Chromium, against a local cloud of their own; ONLY='portal' tries some of them
	@$(python) -m tests.browser $(if $(ONLY),-k '$(ONLY)')

pictures: setup ## Renew the README's few pictures of the pages
	@$(python) -m tests.browser -k '21_steps or mail_leads' --readme-pictures docs/pictures

faults: setup ## Try every crash point of every use case; ONLY='create a service' tries that one's
	@$(python) -m tests.faults $(if $(ONLY),--only '$(ONLY)')

soak: setup ## Put load on two hosts for some minutes while everything around them fails; MINUTES=10 for longer
	@$(python) -m tests.faults.soak $(if $(MINUTES),--minutes $(MINUTES))

fuzz: setup ## Send what nobody would write to every call, as everybody; ROUNDS= or MINUTES= for more, SEED= to repeat
	@$(python) -m tests.fuzz $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

check: setup ## Check format, style, types, imports, rules, and that no file holds a secret (some seconds)
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .
	@$(python) -m mypy
	@node_modules/.bin/prettier --log-level warn --check '$(scripts_and_styles)'
	@node_modules/.bin/tsc --project .
	@node_modules/.bin/tsc --project portal
	@.venv/bin/lint-imports
	@node --test tests/page/*.test.js
	@$(python) -m scripts.secret_scan
	@$(python) -m pytest tests/unit

secrets: setup ## Look for secrets in all that was ever committed (make check looks in the files)
	@$(python) -m scripts.secret_scan --history

audit: setup ## Ask for known vulnerabilities of the packages; says so where no service can be reached
	@$(python) -m scripts.audit

lock: setup ## Pin the packages anew after an edit of a requirements*.in; UPGRADE='urllib3 idna' takes newer ones
	@scripts/lock $(UPGRADE)

format: setup ## Format the code, and mend what can be mended by itself
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .
	@node_modules/.bin/prettier --log-level warn --write '$(scripts_and_styles)'

texts: setup ## Bring the languages' catalogs up to date with the texts in the code
	@$(python) -m scripts.texts

docs: setup ## Write what is made from the code: docs/api.md, the portal's shapes and tokens
	@$(python) -m scripts.describe
	@$(python) -m scripts.schema
	@node scripts/tokens.mjs

bench: setup ## Measure, and compare with the floors in bench/
	@$(python) -m bench

clean: ## Delete what setup, the local cloud and the tests have made; keeps local.settings.json
	@scripts/clean
