package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/ponte-desk/ponte/internal/fault"
)

// deepest is how many lists and objects may stand inside each other where nothing is taken.
const deepest = 64

// jsonFile goes over a JSON file of any size. Of everything that stands at a path that want names, in the order of the file, got is
// given the bytes and the line; all else is passed over without being kept. Paths are like "chats.list[].messages[]"; the root is "".
type jsonFile struct {
	want func(path string) bool
	got  func(path string, raw []byte, line int) error

	f    file
	in   *lines
	stop *piece
	dec  *json.Decoder
}

// lines counts lines as they pass.
type lines struct {
	r    io.Reader
	at   int64
	ends []int64 // of lines that begin after what was asked last
	line int
}

func (l *lines) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i := 0; i < n; {
		k := bytes.IndexByte(p[i:n], '\n')
		if k < 0 {
			break
		}
		i += k + 1
		l.ends = append(l.ends, l.at+int64(i))
	}
	l.at += int64(n)
	return n, err
}

// number gives the line of a byte; later calls ask for later bytes.
func (l *lines) number(at int64) int {
	k := 0
	for k < len(l.ends) && l.ends[k] <= at {
		k++
	}
	l.line += k
	l.ends = l.ends[:copy(l.ends, l.ends[k:])]
	return l.line + 1
}

// readJSON runs it. Some exports are JavaScript that gives the JSON a name first.
func readJSON(s *scan, f file, want func(path string) bool, got func(path string, raw []byte, line int) error) error {
	j := &jsonFile{want: want, got: got, f: f}
	j.stop = &piece{r: f.r, most: s.Limits.Piece, place: f.place}
	b := bufio.NewReaderSize(j.stop, 32<<10)
	if head, _ := b.Peek(3); string(head) == "\xef\xbb\xbf" {
		_, _ = b.Discard(3)
	}
	if head, _ := b.Peek(200); bytes.HasPrefix(head, []byte("window.")) {
		if _, err := b.Discard(max(bytes.IndexAny(head, "[{"), 0)); err != nil {
			return err
		}
	}
	j.in = &lines{r: b}
	j.dec = json.NewDecoder(j.in)
	if err := j.value("", 0); err != nil {
		return j.broken(err)
	}
	if _, err := j.dec.Token(); !errors.Is(err, io.EOF) {
		if err == nil {
			return ErrForm.With("file", f.place).With("line", j.in.number(j.dec.InputOffset())).Because(errors.New("archive: something follows the JSON"))
		}
		return j.broken(err)
	}
	return nil
}

func (j *jsonFile) broken(err error) error {
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrDamaged.With("file", j.f.place).Because(err)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return ErrForm.With("file", j.f.place).With("line", j.in.number(max(syntax.Offset, j.dec.InputOffset()))).Because(err)
	}
	return err
}

func (j *jsonFile) value(path string, depth int) error {
	j.stop.rest()
	if depth > deepest {
		return ErrForm.With("file", j.f.place).With("line", j.in.number(j.dec.InputOffset()))
	}
	if j.want(path) {
		var raw json.RawMessage
		if err := j.dec.Decode(&raw); err != nil {
			return err
		}
		return j.got(path, raw, j.in.number(j.dec.InputOffset()-int64(len(raw))))
	}
	t, err := j.dec.Token()
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('['):
		for inside := path + "[]"; j.dec.More(); {
			if err := j.value(inside, depth+1); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		for j.dec.More() {
			key, err := j.dec.Token()
			if err != nil {
				return err
			}
			name, _ := key.(string)
			if path != "" {
				name = path + "." + name
			}
			if err := j.value(name, depth+1); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	_, err = j.dec.Token() // the closing one
	return err
}
