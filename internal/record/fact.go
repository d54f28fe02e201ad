package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Memory keeps what a tally must know of each handle: a map when a whole record is read (NewMemory), the table record_fact in a house
// that goes on writing one, changed in the transaction that stores tiles and tally.
type Memory interface {
	// Recall gives what was remembered of a handle, the zero Fact when nothing was.
	Recall(ctx context.Context, h Handle) (Fact, error)
	// Remember replaces it.
	Remember(ctx context.Context, h Handle, f Fact) error
}

// Fact is what a tally must know of one handle. It follows from the leaves alone.
type Fact struct {
	class class
	state state
	flags flags
	n     int32    // minutes of a criticism's answer; criticisms in a case; the day of a promise since 1970
	in    [16]byte // the case that a criticism is in
	print [16]byte // of Said and Commit: what was heard cannot become something else
}

// class is what a handle names.
type class uint8

const (
	nothing class = iota
	aCriticism
	aCase
	anImprovement
	aPromise
)

// state is where it stands; which ones there are depends on the class.
type state uint8

const (
	_ state = iota
	undecided
	heard
	dismissed
	standing // a case that is not declined
	declined
	unsaid // an improvement of which nothing can be said yet
	worked
	notWorked
	open // a promise
	kept
	keptLate
	broken
	lastState = broken
)

// flags are what a criticism or a case has been through.
type flags uint8

const (
	answered     flags = 1 << iota
	accepted           // now in a case
	everAccepted       // once in a case
	better             // the person's last word
	worse
	erased
	published // a case with a published improvement
	lastFlag  = published
)

func (f flags) is(x flags) bool { return f&x != 0 }

// factSize is the size in bytes of a written fact, its version included.
const factSize = 4 + 4 + 16 + 16

// Bytes writes a fact, for a table.
func (f Fact) Bytes() []byte {
	b := append(make([]byte, 0, factSize), 1, byte(f.class), byte(f.state), byte(f.flags))
	b = binary.BigEndian.AppendUint32(b, uint32(f.n))
	b = append(b, f.in[:]...)
	return append(b, f.print[:]...)
}

// ParseFact reads what Bytes wrote.
func ParseFact(b []byte) (Fact, error) {
	if len(b) != factSize || b[0] != 1 || class(b[1]) > aPromise || state(b[2]) > lastState || flags(b[3]) >= lastFlag<<1 {
		return Fact{}, fault.New(fault.Internal, "record.fact")
	}
	return Fact{
		class: class(b[1]), state: state(b[2]), flags: flags(b[3]),
		n: int32(binary.BigEndian.Uint32(b[4:])), in: [16]byte(b[8:24]), print: [16]byte(b[24:]),
	}, nil
}

// printOf sums up when something was written and where, so that the same is known again.
func printOf(l Leaf) [16]byte {
	sum := sha256.Sum256(append(l.Said.AppendFormat(make([]byte, 0, 64), hourForm), l.Commit...))
	return [16]byte(sum[:16])
}

// raw is a handle in half the room.
func (h Handle) raw() (b [16]byte) {
	_, _ = hex.Decode(b[:], []byte(h)) // handles of leaves are hex
	return b
}

// memory is a Memory in a map. A record of a million leaves has about half a million handles: each takes as little room as it can.
type memory struct {
	facts map[[16]byte]slight
	cases [][16]byte // those that criticisms are in
	place map[[16]byte]uint32
}

// slight is a fact with the place of its case instead of the case.
type slight struct {
	class class
	state state
	flags flags
	n     int32
	in    uint32 // 0: in none
	print [16]byte
}

// NewMemory makes an empty memory that lasts as long as the process.
func NewMemory() Memory {
	return &memory{facts: map[[16]byte]slight{}, cases: make([][16]byte, 1), place: map[[16]byte]uint32{{}: 0}}
}

// Recall implements Memory.
func (m *memory) Recall(_ context.Context, h Handle) (Fact, error) {
	f := m.facts[h.raw()]
	return Fact{class: f.class, state: f.state, flags: f.flags, n: f.n, in: m.cases[f.in], print: f.print}, nil
}

// Remember implements Memory.
func (m *memory) Remember(_ context.Context, h Handle, f Fact) error {
	at, ok := m.place[f.in]
	if !ok {
		at = uint32(len(m.cases))
		m.place[f.in] = at
		m.cases = append(m.cases, f.in)
	}
	m.facts[h.raw()] = slight{class: f.class, state: f.state, flags: f.flags, n: f.n, in: at, print: f.print}
	return nil
}
