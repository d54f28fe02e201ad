package archive

import (
	"context"
	"io"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Limits bound what is read, because an export may have been made to exhaust a machine. They are counted while reading:
// what a file says of itself is not believed.
type Limits struct {
	Files int   // entries of everything given together
	Entry int64 // unpacked bytes of one entry
	Total int64 // unpacked bytes of one pass
	Ratio int64 // unpacked bytes for a packed one, once more than Slack came out
	Slack int64
	Piece int64 // bytes of one message, record, row
}

// Usual are the limits for real exports, of which the largest known are some ten gigabytes, and text shrinks to a tenth.
func Usual() Limits {
	return Limits{Files: 500_000, Entry: 16 << 30, Total: 64 << 30, Ratio: 200, Slack: 32 << 20, Piece: 16 << 20}
}

// The faults of reading an export. Nothing of it has been brought in when one of them comes.
var (
	ErrMissing   = fault.New(fault.Invalid, "archive.missing")  // args: file
	ErrUnknown   = fault.New(fault.Invalid, "archive.unknown")  // nothing in it is known
	ErrPages     = fault.New(fault.Invalid, "archive.pages")    // made for reading in a browser
	ErrColumns   = fault.New(fault.Invalid, "archive.columns")  // a table of somebody else's making: which column is which?
	ErrMixed     = fault.New(fault.Invalid, "archive.mixed")    // exports of several networks; args: formats
	ErrDamaged   = fault.New(fault.Invalid, "archive.damaged")  // cut off or changed; args: file
	ErrForm      = fault.New(fault.Invalid, "archive.form")     // not written as its kind of file is; args: file, line
	ErrLocked    = fault.New(fault.Invalid, "archive.locked")   // wants a password; args: file
	ErrPath      = fault.New(fault.Invalid, "archive.path")     // an entry that points outside; args: file
	ErrMany      = fault.New(fault.Invalid, "archive.many")     // too many entries; args: most
	ErrBomb      = fault.New(fault.Invalid, "archive.bomb")     // far too much comes out of it; args: file
	ErrLarge     = fault.New(fault.Invalid, "archive.large")    // more than is ever read; args: file
	ErrPiece     = fault.New(fault.Invalid, "archive.piece")    // one thing in it is too large; args: file
	ErrWhoseIsIt = fault.New(fault.Invalid, "archive.whose")    // it does not tell which of these is the company; args: names
	ErrNobody    = fault.New(fault.Invalid, "archive.nobody")   // nobody of that name is in it; args: me, names
	ErrNetwork   = fault.New(fault.Invalid, "archive.network")  // not a name of a network; args: network
	ErrNothing   = fault.New(fault.Invalid, "archive.nothing")  // nothing in it can be brought in
	ErrChanged   = fault.New(fault.Conflict, "archive.changed") // it became another one while it was brought in
)

// meter counts what comes out of a container.
type meter struct {
	ctx    context.Context
	limits Limits
	packed int64 // bytes of what was given, on disk
	total  int64
}

// guard lets an entry through as long as it and everything with it stays within the limits.
type guard struct {
	r      io.Reader
	m      *meter
	place  string
	read   int64
	packed int64 // of this entry; 0: not known
	err    error
}

func (g *guard) Read(p []byte) (int, error) {
	if g.err == nil {
		g.err = g.m.ctx.Err()
	}
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	g.read += int64(n)
	g.m.total += int64(n)
	l := g.m.limits
	switch {
	case g.packed > 0 && g.read > l.Slack && g.read/l.Ratio > g.packed, g.m.packed > 0 && g.m.total > l.Slack && g.m.total/l.Ratio > g.m.packed:
		g.err = ErrBomb.With("file", g.place)
	case g.read > l.Entry, g.m.total > l.Total:
		g.err = ErrLarge.With("file", g.place)
	}
	if g.err != nil {
		return 0, g.err
	}
	return n, err
}

// piece ends a reading when too much comes without a pause: rest is called after each thing.
type piece struct {
	r     io.Reader
	most  int64
	place string
	since int64
}

func (p *piece) rest() { p.since = 0 }

func (p *piece) Read(b []byte) (int, error) {
	if p.since > p.most {
		return 0, ErrPiece.With("file", p.place)
	}
	n, err := p.r.Read(b)
	p.since += int64(n)
	return n, err
}
