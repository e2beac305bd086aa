# Everything a person does with the project. Only Go, git and make have to be
# there: `setup` installs the rest, saying what it runs.

GO ?= go

.PHONY: slipway setup first-boot test bench board clean

slipway:
	$(GO) build -o $@ .

# What a build, a test boot and the project's tests need.
setup: slipway
	./slipway doctor --fix --tests

# From nothing to a verdict: install what is missing, build debian-vm, boot it.
first-boot: slipway
	./slipway doctor --fix
	./slipway boot debian-vm

# All tests: those that need nothing, then those that build and boot real images. These
# wait a good part of their time, for a mirror or for a machine: more run at once than
# two processors could carry otherwise.
test: setup
	$(GO) vet ./...
	$(GO) vet -tags real ./...
	$(GO) test ./...
	$(GO) test -tags real -p 2 -parallel 3 -timeout 85m ./...
	@echo "make test: all tests passed, real builds and boots included"

# Ratios, not times: how a build compares with the programs run by hand.
bench: setup
	$(GO) test -tags real -p 1 -timeout 60m -run '^$$' -bench . -benchtime 1x ./...

# The board of docs/matrix.md: every recipe of testdata/board is built, booted, and
# its overlay filled. The mirrors of the tests take the place of real ones, and their
# cache is used.
TEST_DIR := $(or $(SLIPWAY_TEST_DIR),/var/tmp/slipway-test-$(shell id -u))
board: export SLIPWAY_CACHE = $(TEST_DIR)/cache
board: export SLIPWAY_BUILDS = $(TEST_DIR)/builds
board: setup
	rm -rf $(TEST_DIR)/board
	$(GO) run ./engine/enginetest/board/cmd --mirrors $(TEST_DIR)/mirrors --from testdata/board --to $(TEST_DIR)/board
	./slipway matrix --jobs 2 --rehearse --out docs/matrix.md $(TEST_DIR)/board/*.toml

clean:
	rm -f slipway
