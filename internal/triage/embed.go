package triage

import (
	_ "embed"
	"sync"
)

// modelBytes is the model that comes with Ponte, written by "ponte triage train".
//
//go:embed model.bin
var modelBytes []byte

// corpusBytes is what it was made of, packed, because learning needs it again.
//
//go:embed corpus.bin
var corpusBytes []byte

var embedded = sync.OnceValues(func() (*Model, error) { return readWhole(modelBytes) })

// Default gives the model that comes with Ponte. It is read once.
func Default() (*Model, error) { return embedded() }
