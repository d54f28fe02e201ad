package archive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/ponte-desk/ponte/internal/text"
)

// Columns lists what the columns of a table may tell, in the order in which people are asked.
func Columns() []string { return slices.Clone(columns) }

func isColumn(s string) bool { return slices.Contains(columns, s) }

// Preview is the beginning of a table of somebody else's making.
type Preview struct {
	Columns []string          `json:"columns"` // as they are called there
	Rows    [][]string        `json:"rows"`    // the first ones, cut
	Guess   map[string]string `json:"guess"`   // from our names to theirs
}

// The measures of a preview.
const (
	previewRows    = 5
	previewColumns = 60
	previewCell    = 160
)

// Peek gives the beginning of the first table in a file.
func Peek(path string) (Preview, error) {
	src, err := openSource([]string{path}, Usual())
	if err != nil {
		return Preview{}, fmt.Errorf("archive.Peek: %w", err)
	}
	found := errors.New("found")
	var p Preview
	err = src.each(context.Background(), tableName, false, func(f file) error {
		in := bufio.NewReaderSize(f.r, 64<<10)
		head, _ := in.Peek(headSize)
		if !looksTable(f.name, head) {
			return nil
		}
		r := newCSV(asUTF8(in))
		for len(p.Rows) <= previewRows {
			rec, err := r.Read()
			if err != nil {
				break
			}
			cells := make([]string, 0, len(rec))
			for _, c := range rec[:min(len(rec), previewColumns)] {
				cells = append(cells, text.Cut(strings.TrimSpace(c), previewCell))
			}
			p.Rows = append(p.Rows, cells)
		}
		p.Columns, p.Rows = p.Rows[0], p.Rows[1:]
		p.Guess = guess(p.Columns)
		return found
	})
	if p.Columns == nil {
		if err == nil {
			err = ErrUnknown
		}
		return p, fmt.Errorf("archive.Peek: %w", err)
	}
	return p, nil
}

// called are the words by which tables call what we ask for, in small letters.
var called = map[string][]string{
	"time":      {"time", "date", "datetime", "date time", "timestamp", "created", "created at", "created time", "published", "posted", "sent", "data", "data e ora", "data/ora", "ora", "quando", "giorno", "creato", "creato il", "pubblicato", "pubblicato il", "inviato il"},
	"text":      {"text", "message", "content", "comment", "body", "review", "review text", "post", "tweet", "description", "testo", "messaggio", "contenuto", "commento", "recensione", "parole", "domanda"},
	"author":    {"author", "name", "user", "username", "user name", "from", "sender", "reviewer", "customer", "full name", "autore", "nome", "utente", "nome utente", "mittente", "cliente", "da", "chi"},
	"author_id": {"author id", "user id", "email", "e mail", "customer id", "sender id", "id utente", "id cliente"},
	"id":        {"id", "message id", "comment id", "review id", "post id", "ticket id", "uuid", "codice"},
	"parent":    {"parent", "parent id", "reply to", "in reply to", "risponde a", "in risposta a"},
	"thread":    {"thread", "thread id", "conversation", "conversation id", "chat", "ticket", "conversazione", "discussione"},
	"stars":     {"stars", "rating", "score", "vote", "stelle", "voto", "valutazione", "punteggio"},
	"url":       {"url", "link", "permalink", "address", "indirizzo", "collegamento"},
	"mine":      {"mine", "outgoing", "is staff", "nostro", "nostra", "inviato da noi"},
	"language":  {"language", "lang", "lingua"},
	"private":   {"private", "privato"},
	"kind":      {"kind", "type", "tipo"},
	"warning":   {"warning", "content warning", "avviso"},
}

// guess finds what the columns of a table are likely to hold.
func guess(names []string) map[string]string {
	out := map[string]string{}
	for _, ours := range columns {
		for _, word := range called[ours] {
			for _, n := range names {
				if out[ours] == "" && plainName(n) == word {
					out[ours] = n
				}
			}
		}
	}
	return out
}

func plainName(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(strings.ToLower(s))), " ")
}

// columnNames gives our names for the columns of a table, where they have one.
func (o Options) columnNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		n = strings.TrimSpace(n)
		out[i] = strings.ToLower(n)
		if o.Columns == nil {
			continue
		}
		if isColumn(out[i]) { // theirs of the same name means what was said, or nothing
			out[i] += " "
		}
		for ours, theirs := range o.Columns {
			if theirs != "" && strings.EqualFold(text.Cut(n, previewCell), strings.TrimSpace(theirs)) && !slices.Contains(out[:i], ours) {
				out[i] = ours
			}
		}
	}
	return out
}

func tableName(name string) bool { return hasEnding(name, ".csv", ".tsv", ".txt") }

// firstLine is the first line of a table, in UTF-8.
func firstLine(head []byte) string {
	b, _ := io.ReadAll(asUTF8(bufio.NewReader(bytes.NewReader(head)))) // from memory
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return string(line)
}

// looksTable tells whether a file is a table with a line of names, whatever they are.
func looksTable(name string, head []byte) bool {
	if !tableName(name) || bytes.ContainsRune(head, 0) && !bytes.HasPrefix(head, []byte("\xff\xfe")) && !bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return false
	}
	line := firstLine(head)
	names := splitHead(line)
	if len(names) < 2 || len(line) == len(head) {
		return false
	}
	words := 0
	for _, n := range names {
		if len(n) > 120 {
			return false
		}
		if strings.ContainsFunc(n, func(r rune) bool { return r > '9' }) {
			words++
		}
	}
	return words*2 > len(names)
}

// asUTF8 reads a table as Excel and others write it: UTF-8, UTF-16 with its mark, or Windows-1252.
func asUTF8(in *bufio.Reader) *bufio.Reader {
	head, _ := in.Peek(headSize)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = in.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return bufio.NewReaderSize(transform.NewReader(in, unicode.BOMOverride(unicode.UTF8.NewDecoder())), 64<<10)
	case !validBeginning(head):
		return bufio.NewReaderSize(transform.NewReader(in, charmap.Windows1252.NewDecoder()), 64<<10)
	}
	return in
}

// validBeginning tells whether bytes are UTF-8, but for a rune that is cut off at their end.
func validBeginning(b []byte) bool {
	for i := range min(3, len(b)) {
		if utf8.Valid(b[:len(b)-i]) {
			return true
		}
	}
	return utf8.Valid(b)
}

func newCSV(in *bufio.Reader) *csv.Reader {
	head, _ := in.Peek(headSize)
	line, _, _ := bytes.Cut(head, []byte("\n"))
	r := csv.NewReader(in)
	r.Comma, r.ReuseRecord, r.FieldsPerRecord = comma(string(line)), true, -1
	return r
}
