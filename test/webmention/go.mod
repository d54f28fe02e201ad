// This file only keeps the Go tool out of node_modules: `go test ./...` in the
// repository's root stops at the edge of another module.
module github.com/ponte-desk/ponte/test/webmention

go 1.26.0
