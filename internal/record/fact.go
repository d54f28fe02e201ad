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
	class   class
	state   state
	flags   flags
	minutes int32    // of a criticism's answer
	many    int32    // criticisms in a case; the day of a promise since 1970
	in      [16]byte // the case that a criticism is in
	print   [16]byte // of Said and Commit: what was heard cannot become something else
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
const factSize = 4 + 4 + 4 + 16 + 16

// Bytes writes a fact, for a table.
func (f Fact) Bytes() []byte {
	b := append(make([]byte, 0, factSize), 1, byte(f.class), byte(f.state), byte(f.flags))
	b = binary.BigEndian.AppendUint32(b, uint32(f.minutes))
	b = binary.BigEndian.AppendUint32(b, uint32(f.many))
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
		minutes: int32(binary.BigEndian.Uint32(b[4:])), many: int32(binary.BigEndian.Uint32(b[8:])), in: [16]byte(b[12:28]), print: [16]byte(b[28:]),
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

func cooked(b [16]byte) Handle { return Handle(hex.EncodeToString(b[:])) }

// memory is a Memory in a map.
type memory map[[16]byte]Fact

// NewMemory makes an empty memory that lasts as long as the process.
func NewMemory() Memory { return memory{} }

// Recall implements Memory.
func (m memory) Recall(_ context.Context, h Handle) (Fact, error) { return m[h.raw()], nil }

// Remember implements Memory.
func (m memory) Remember(_ context.Context, h Handle, f Fact) error {
	m[h.raw()] = f
	return nil
}
