package tie

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadOptions say how a log is read. The zero value reads what Read describes.
type ReadOptions struct {
	// MaxLine is the longest line that is read, in bytes; 0 is 64 KB.
	MaxLine int
	// MaxPeople is how many different people are taken in; 0 is MaxPeople.
	MaxPeople int
}

// Reason is why a line was not taken in.
type Reason string

// The reasons.
const (
	TooLong    Reason = "too_long"   // longer than MaxLine
	TooFew     Reason = "too_few"    // who or whom is missing
	TooMany    Reason = "too_many"   // more fields than the first line has
	NoName     Reason = "no_name"    // who or whom is empty
	NotText    Reason = "not_text"   // not UTF-8, or with a control character
	BadQuote   Reason = "bad_quote"  // a quoted field does not end, or goes on after its end
	BadTime    Reason = "bad_time"   // not Unix seconds between 1970 and 9999
	BadItem    Reason = "bad_item"   // not a whole number
	ManyKinds  Reason = "many_kinds" // a 256th kind
	ManyPeople Reason = "many_people"
)

// BadLine is a line that was not taken in.
type BadLine struct {
	// Line counts from 1, comments and empty lines included.
	Line   int
	Reason Reason
	// Text is what was wrong, at most 60 bytes of it.
	Text string
}

// Error implements error.
func (b BadLine) Error() string { return fmt.Sprintf("line %d: %s: %q", b.Line, b.Reason, b.Text) }

const (
	usualLine = 64 << 10
	maxShown  = 60
	maxTime   = 253402300799 // the last second of the year 9999
)

// The columns of a line.
const (
	colWho = iota
	colWhom
	colTime
	colKind
	colItem
	columns
)

// headers are the words by which a first line is known as a header.
var headers = map[string]int{
	"who": colWho, "from": colWho, "source": colWho, "actor": colWho, "user": colWho, "usera": colWho, "fromnodeid": colWho, "sender": colWho,
	"whom": colWhom, "to": colWhom, "target": colWhom, "userb": colWhom, "tonodeid": colWhom, "recipient": colWhom,
	"unixtime": colTime, "time": colTime, "timestamp": colTime, "at": colTime, "date": colTime,
	"kind": colKind, "type": colKind, "interaction": colKind,
	"item": colItem, "post": colItem,
}

// reader is one reading.
type reader struct {
	in     *bufio.Reader
	most   int
	people int
	line   []byte
	fields [][]byte
	// sep is what stands between fields: a byte, or 0 for blanks.
	sep byte
	// place is where each column stands; -1 is nowhere. width is how many fields a line may have.
	place [columns]int
	width int
	begun bool

	log    *Log
	byName map[string]Person
	byKind map[string]Kind
	bad    []BadLine
}

// Read reads a log: one event a line, who,whom,unixtime,kind,item, of which the last three may be missing. Fields stand
// between commas, semicolons or tabs (with quotes as in CSV, on one line), else between blanks; the first line with data
// decides which. Without a header, a third field that is not a number is the kind. A header names its columns in any order, and columns that it calls
// otherwise are passed over. Lines that begin with # and empty lines say nothing. A time is in Unix seconds, of which
// parts are dropped; empty or 0 is unknown. What is packed with gzip is known by its first bytes.
//
// Lines that are wrong come back each with its number and reason, in order, and what is right in the file is in the log.
// The error is that of r, or of the unpacking.
func Read(r io.Reader, o ReadOptions) (*Log, []BadLine, error) {
	in := bufio.NewReaderSize(r, 1<<18)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("tie.Read: %w", err)
		}
		in = bufio.NewReaderSize(z, 1<<18)
	}
	if head, _ := in.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3)
	}
	rd := &reader{
		in: in, most: o.MaxLine, people: o.MaxPeople, log: &Log{Kinds: []string{""}}, byName: map[string]Person{}, byKind: map[string]Kind{"": 0},
	}
	if rd.most <= 0 {
		rd.most = usualLine
	}
	if rd.people <= 0 {
		rd.people = MaxPeople
	}
	for number := 1; ; number++ {
		long, err := rd.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, rd.bad, fmt.Errorf("tie.Read: line %d: %w", number, err)
		}
		reason, text := TooLong, rd.line
		if !long {
			reason, text = rd.take()
		}
		if reason != "" {
			rd.bad = append(rd.bad, BadLine{Line: number, Reason: reason, Text: shown(text)})
		}
	}
	rd.log.Sort()
	return rd.log, rd.bad, nil
}

// next reads a line into rd.line, without its end. Of one that is too long the rest is passed over.
func (rd *reader) next() (long bool, err error) {
	rd.line = rd.line[:0]
	for some := false; ; {
		part, err := rd.in.ReadSlice('\n')
		some = some || len(part) > 0
		if room := rd.most + 2 - len(rd.line); len(part) > room {
			long = true
			part = part[:max(room, 0)]
		}
		rd.line = append(rd.line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || !some) {
			return false, err
		}
		rd.line = bytes.TrimSuffix(bytes.TrimSuffix(rd.line, []byte("\n")), []byte("\r"))
		return long || len(rd.line) > rd.most, nil
	}
}

// take takes the line in. An empty reason says that nothing was wrong.
func (rd *reader) take() (Reason, []byte) {
	line := bytes.TrimSpace(rd.line)
	if len(line) == 0 || line[0] == '#' {
		return "", nil
	}
	if !rd.begun {
		rd.separate(line)
	}
	if reason := rd.split(line); reason != "" {
		return reason, line
	}
	if !rd.begun {
		rd.begun = len(rd.fields) >= 2
		if rd.begun && rd.arrange() {
			return "", nil
		}
	}
	if len(rd.fields) < 2 || len(rd.fields) <= max(rd.place[colWho], rd.place[colWhom]) {
		return TooFew, line
	}
	if len(rd.fields) > rd.width {
		return TooMany, line
	}
	return rd.event(line)
}

// separate decides what stands between fields.
func (rd *reader) separate(line []byte) {
	rd.sep = 0
	for _, sep := range []byte{',', ';', '\t'} {
		if bytes.IndexByte(line, sep) >= 0 {
			rd.sep = sep
			return
		}
	}
}

// arrange decides what stands in which field, and says whether the line was a header.
func (rd *reader) arrange() (header bool) {
	rd.place = [columns]int{colWho: -1, colWhom: -1, colTime: -1, colKind: -1, colItem: -1}
	for i, f := range rd.fields {
		name := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(string(f)))
		if c, ok := headers[name]; ok && rd.place[c] < 0 {
			rd.place[c] = i
		}
	}
	if rd.place[colWho] >= 0 && rd.place[colWhom] >= 0 {
		rd.width = len(rd.fields)
		return true
	}
	rd.place = [columns]int{0, 1, 2, 3, 4}
	rd.width = columns
	if len(rd.fields) == 3 {
		if _, ok := moment(rd.fields[2]); !ok {
			rd.place = [columns]int{0, 1, -1, 2, -1}
			rd.width = 3
		}
	}
	return false
}

// split cuts a line into rd.fields, which lie within it.
func (rd *reader) split(line []byte) Reason {
	rd.fields = rd.fields[:0]
	if rd.sep == 0 {
		for i := 0; i < len(line); {
			for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
				i++
			}
			from := i
			for i < len(line) && line[i] != ' ' && line[i] != '\t' {
				i++
			}
			if i > from {
				rd.fields = append(rd.fields, line[from:i])
			}
		}
		return ""
	}
	for {
		if len(line) > 0 && line[0] == '"' {
			field, rest, ok := unquote(line)
			if !ok || (len(rest) > 0 && rest[0] != rd.sep) {
				return BadQuote
			}
			rd.fields = append(rd.fields, field)
			if len(rest) == 0 {
				return ""
			}
			line = rest[1:]
			continue
		}
		field, rest, more := bytes.Cut(line, []byte{rd.sep})
		rd.fields = append(rd.fields, bytes.TrimSpace(field))
		if !more {
			return ""
		}
		line = rest
	}
}

// unquote reads a quoted field at the beginning of a line; what it holds is written over the line itself.
func unquote(line []byte) (field, rest []byte, ok bool) {
	field = line[1:1]
	for i := 1; i < len(line); i++ {
		if line[i] != '"' {
			field = append(field, line[i])
			continue
		}
		if i+1 < len(line) && line[i+1] == '"' {
			field = append(field, '"')
			i++
			continue
		}
		return field, bytes.TrimLeft(line[i+1:], " "), true
	}
	return nil, nil, false
}

// field is what stands in a column; empty when there is none.
func (rd *reader) field(column int) []byte {
	if i := rd.place[column]; i >= 0 && i < len(rd.fields) {
		return rd.fields[i]
	}
	return nil
}

// event reads the fields into an event of the log. A line that is wrong leaves nothing behind.
func (rd *reader) event(line []byte) (Reason, []byte) {
	who, whom, kind := rd.field(colWho), rd.field(colWhom), rd.field(colKind)
	if len(who) == 0 || len(whom) == 0 {
		return NoName, line
	}
	for _, f := range [][]byte{who, whom, kind} {
		if !plain(f) {
			return NotText, f
		}
	}
	var e Event
	if f := rd.field(colTime); len(f) > 0 {
		at, ok := moment(f)
		if !ok {
			return BadTime, f
		}
		e.At = at
	}
	if f := rd.field(colItem); len(f) > 0 {
		item, err := strconv.ParseInt(string(f), 10, 64)
		if err != nil {
			return BadItem, f
		}
		e.Item = item
	}
	k, known := rd.byKind[string(kind)]
	if !known && len(rd.byKind) >= MaxKinds {
		return ManyKinds, kind
	}
	if rd.full(who, whom) {
		return ManyPeople, line
	}
	if !known {
		k = Kind(len(rd.byKind))
		rd.byKind[string(kind)] = k
		rd.log.Kinds = append(rd.log.Kinds, string(kind))
	}
	e.Kind, e.Actor, e.Target = k, rd.person(who), rd.person(whom)
	rd.log.Events = append(rd.log.Events, e)
	return "", nil
}

// full says that a line would bring more people than may be.
func (rd *reader) full(who, whom []byte) bool {
	if len(rd.byName)+2 <= rd.people {
		return false
	}
	extra := 0
	if _, ok := rd.byName[string(who)]; !ok {
		extra++
	}
	if _, ok := rd.byName[string(whom)]; !ok && !bytes.Equal(who, whom) {
		extra++
	}
	return len(rd.byName)+extra > rd.people
}

func (rd *reader) person(name []byte) Person {
	if p, ok := rd.byName[string(name)]; ok {
		return p
	}
	p, own := Person(len(rd.log.Names)), string(name)
	rd.byName[own] = p
	rd.log.Names = append(rd.log.Names, own)
	return p
}

// moment reads Unix seconds; parts of a second are dropped.
func moment(f []byte) (int64, bool) {
	if n, err := strconv.ParseInt(string(f), 10, 64); err == nil {
		return n, n >= 0 && n <= maxTime
	}
	x, err := strconv.ParseFloat(string(f), 64)
	if err != nil || math.IsNaN(x) || x < 0 || x > maxTime {
		return 0, false
	}
	return int64(x), true
}

// plain says that a name or a kind is text without control characters.
func plain(f []byte) bool {
	ascii := true
	for _, c := range f {
		if c < 0x20 || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(f)
}

// shown is the beginning of what was wrong.
func shown(text []byte) string {
	if len(text) > maxShown {
		text = text[:maxShown]
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
