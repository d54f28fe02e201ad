package archive

import (
	"bytes"
	"context"
	"io"
	"slices"

	"github.com/ponte-desk/ponte/internal/network"
)

// Read gives the report of an export and hands on what it would bring in.
func Read(ctx context.Context, paths []string, o Options, emit func(network.Item) error) (Report, error) {
	src, form, o, err := prepare(ctx, paths, o)
	if err != nil {
		return Report{}, err
	}
	return run(ctx, src, form, o, emit)
}

// Feed hands the bytes of one file to the reader of a format, without a disk.
func Feed(format Format, name string, b []byte, o Options, emit func(network.Item) error) error {
	all := forms(o)
	x := all[slices.IndexFunc(all, func(x form) bool { return x.format == format })]
	s := &scan{Options: o, emit: emit, tally: newTally(), known: map[string]bool{name: true}}
	s.me = Account{Network: x.network, ServerURL: x.server}
	r := x.open(s)
	if r.learns(name) {
		if err := r.learn(file{place: name, name: name, r: bytes.NewReader(b)}); err != nil {
			return err
		}
	}
	if !r.reads(name) {
		return nil
	}
	return r.read(file{place: name, name: name, r: bytes.NewReader(b)})
}

// Stream is Feed for what is made while it is read.
func Stream(format Format, name string, in io.Reader, o Options, emit func(network.Item) error) error {
	all := forms(o)
	x := all[slices.IndexFunc(all, func(x form) bool { return x.format == format })]
	s := &scan{Options: o, emit: emit, tally: newTally(), known: map[string]bool{name: true}}
	s.me = Account{Network: x.network, ServerURL: x.server}
	g := &guard{r: in, m: &meter{ctx: context.Background(), limits: o.Limits}, place: name}
	return x.open(s).read(file{place: name, name: name, r: g})
}
