# What to run. Every target sets up what it needs first; `make test` is the whole truth.
#
#   make big-switch, cloud-move, evacuate, failover, fat-tree, maintenance, mirror, moving-hosts, moving-target, overlapping-addresses, playground, rapid-deployment, rebalance, tunnels:
#                 what is in examples/, on real switches
#
#   make check    types, lint, formatting        make demo     a migration on real switches (KEEP=1 OPENFLOW=1.0)
#   make test     everything, as .ci/run does    make bench    what a message costs, and a change
#   make unit     what is about one thing, and starts nothing: under a minute
#   make format   rewrite the formatting         make sim      simulations (SEED=1 RUNS=100 KIND=all)
#   make fuzz     fuzzers, every policy line (SECONDS=60 SEED=1 TARGET=controller)
#   make page     the page that browsers get, bundled (set-up does it, too)
#   make bundle   the program, bundled, which starts in half the time (set-up does it, too)
#   make screenshots   pictures of the page, for docs/
#   make controllers   docs/CONTROLLERS.md: controllers and troubles, beside bridges, 16 minutes or more
#                 (CELLS='hub.*1.0': those alone, printed; RESULTS=FILE: kept, and gone on from)
#   make deb      a Debian package with a node of its own (DEB=folder)
#   make graph    who imports whom, room by room: arrows back up, circles
#   make soak     what takes long: tests/soak/*.soak.ts; `make test` has a short form of each
#                 (SOAK=tests/soak/mutants.soak.ts: faults put into the sources, which tests find)

SHELL := /bin/sh
NODE = $(or $(shell tests/support/node.sh),false) --disable-warning=ExperimentalWarning
STAMP := node_modules/.stamp
PAGE := hypervisor/page/bundle
BUNDLE := hypervisor/bundle

# What node makes of the sources, once for all processes.
export NODE_COMPILE_CACHE = $(CURDIR)/node_modules/.cache/node

# Each is examples/NAME/NAME.ts.
EXAMPLES := big-switch cloud-move evacuate failover fat-tree maintenance mirror moving-hosts moving-target overlapping-addresses playground rapid-deployment rebalance tunnels

SOAK ?= $(wildcard tests/soak/*.soak.ts)

DEB ?= .

.PHONY: $(EXAMPLES) controllers deb all check test unit soak demo bench sim fuzz graph lint format setup packages page bundle screenshots clean

all: check

test: setup
	@PATH="$(dir $(firstword $(NODE))):$$PATH" NODE_OPTIONS=--disable-warning=ExperimentalWarning \
	  $(NODE) tests/support/reporter.ts </dev/null

unit: setup
	@PATH="$(dir $(firstword $(NODE))):$$PATH" NODE_OPTIONS=--disable-warning=ExperimentalWarning \
	  $(NODE) tests/support/reporter.ts --unit </dev/null

soak: setup
	@PATH="$(dir $(firstword $(NODE))):$$PATH" NODE_OPTIONS=--disable-warning=ExperimentalWarning \
	  $(NODE) tests/support/reporter.ts $(SOAK) </dev/null

check: $(STAMP)
	@PATH="$(dir $(firstword $(NODE))):$$PATH" node_modules/.bin/tsc
	@PATH="$(dir $(firstword $(NODE))):$$PATH" node_modules/.bin/tsc -p hypervisor/page
	@$(MAKE) -s lint

lint: $(STAMP)
	@PATH="$(dir $(firstword $(NODE))):$$PATH" node_modules/.bin/biome check --error-on-warnings

format: $(STAMP)
	@PATH="$(dir $(firstword $(NODE))):$$PATH" node_modules/.bin/biome check --write

demo: setup
	@$(NODE) examples/live-migration/demo.ts

$(EXAMPLES): setup
	@$(NODE) examples/$@/$@.ts

bench: $(STAMP) bundle
	@$(NODE) tests/bench/relay.ts
	@$(NODE) tests/bench/cbench.ts
	@$(NODE) tests/bench/throughput.ts
	@$(NODE) tests/bench/placement.ts
	@$(NODE) tests/bench/optimize.ts
	@$(NODE) tests/bench/secrecy.ts
	@$(NODE) tests/bench/secrecy-live.ts
	@$(NODE) --expose-gc tests/bench/growth.ts
	@$(NODE) --expose-gc tests/bench/million.ts
	@RULES=200000 $(NODE) --expose-gc tests/bench/start.ts
	@$(NODE) tests/bench/pauses.ts 50000
	@TURNS=5 MANY=0 $(NODE) --expose-gc tests/bench/flow-mods.ts
	@TURNS=5 MANY=0 BELOW=flat $(NODE) --expose-gc tests/bench/flow-mods.ts
	@TURNS=5 MANY=0 SPEAKS=1 BELOW=1.0 $(NODE) --expose-gc tests/bench/flow-mods.ts
	@$(NODE) tests/bench/interference.ts
	@$(NODE) tests/bench/acknowledgement.ts
	@$(NODE) tests/bench/move-order.ts
	@$(NODE) tests/bench/rule-changes.ts
	@$(NODE) tests/bench/clone.ts
	@$(NODE) tests/bench/ports.ts
	@$(NODE) tests/bench/losses.ts
	@$(NODE) tests/bench/deploy.ts
	@$(NODE) tests/bench/subscribers.ts
	@$(NODE) tests/bench/redundancy.ts
	@$(NODE) examples/live-migration/demo.ts

sim: $(STAMP)
	@$(NODE) tests/sim/run.ts

fuzz: $(STAMP)
	@SECONDS=$(SECONDS) SEED=$(SEED) TARGET=$(TARGET) $(NODE) tests/fuzz/run.ts

controllers: setup
	@$(NODE) tests/controllers/run.ts

deb: $(STAMP) page bundle
	@examples/packages/deb.sh $(DEB)

graph: $(STAMP)
	@$(NODE) tests/support/graph.ts

setup: $(STAMP) packages page bundle

# The page as browsers get it: one file of each kind.
page: $(PAGE)/page.js

$(PAGE)/page.js: $(STAMP) $(filter-out $(PAGE),$(wildcard hypervisor/page/*))
	@echo "page: esbuild"
	@node_modules/.bin/esbuild page=hypervisor/page/main.tsx hypervisor/page/page.css \
	  hypervisor/page/index.html hypervisor/page/icon.svg --bundle --minify --format=esm \
	  --target=es2024 --loader:.html=copy --loader:.svg=copy --outdir=$(PAGE) --log-level=warning

# The program as it is run while no source has changed since (tests/support/program.sh). What is in
# it is no older than when it was begun: so old is the file that says it, whatever changed meanwhile.
bundle: $(STAMP)
	@[ "$$(tests/support/program.sh)" = $(BUNDLE)/main.js ] || { \
	  echo "program: esbuild"; \
	  rm -rf $(BUNDLE).new && mkdir $(BUNDLE).new && touch $(BUNDLE).new/begun && \
	  node_modules/.bin/esbuild hypervisor/main.ts file-thread=hypervisor/operator/file-thread.ts \
	    --bundle --splitting --platform=node --format=esm --target=node24 --sourcemap \
	    --sources-content=false --banner:js="$(REQUIRE)" --outdir=$(BUNDLE).new \
	    --log-level=warning && \
	  touch -r $(BUNDLE).new/begun $(BUNDLE).new/main.js && rm $(BUNDLE).new/begun && \
	  rm -rf $(BUNDLE) && mv $(BUNDLE).new $(BUNDLE); }

# Packages that are CommonJS ask for node's modules by it.
REQUIRE := import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);

# Pictures of the page, for docs/; in Inter and JetBrains Mono, where Debian's fonts-inter and
# fonts-jetbrains-mono are installed.
screenshots: setup
	@mkdir -p docs/page
	@SCREENSHOTS=docs/page PATH="$(dir $(firstword $(NODE))):$$PATH" $(NODE) \
	  tests/support/reporter.ts tests/live/page.test.ts tests/live/page-networks.test.ts </dev/null

packages:
	@tests/support/setup.sh

# tap has to be rebuilt once for the plugins that .taprc names.
$(STAMP): package-lock.json
	@command -v npm >/dev/null || { echo "setup: please install node and npm (Debian: npm)" >&2; exit 1; }
	@echo "setup: npm ci"
	@npm ci --no-audit --no-fund --loglevel=error --engine-strict=false >/dev/null
	@PATH="$$(dirname "$$(tests/support/node.sh)"):$$PATH" npm_config_loglevel=error \
	  node_modules/.bin/tap build </dev/null >/dev/null
	@touch $@

clean:
	@rm -rf node_modules .tap $(PAGE) $(BUNDLE)
