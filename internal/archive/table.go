package archive

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// columns are what a table or a line may tell; time is needed, and text or stars.
var columns = []string{"id", "time", "author", "author_id", "text", "parent", "thread", "mine", "kind", "url", "stars", "warning", "language", "private"}

// row is one line of a table, by column.
type row map[string]string

// item makes an item of a row. The same row gives the same item each time.
func (s *scan) row(r row) network.Item {
	it := network.Item{
		RemoteID: r["id"], ParentID: r["parent"], ThreadKey: r["thread"], Text: r["text"], URL: r["url"], Warning: r["warning"], Language: r["language"],
		At: s.moment(r["time"]), Kind: network.ItemKind(strings.ToLower(r["kind"])), Visibility: network.Public,
		Author: network.Author{RemoteID: r["author_id"], Handle: r["author"], Name: r["author"]},
	}
	yes := func(v string) bool {
		return slices.Contains([]string{"1", "true", "yes", "y", "si", "sì", "x"}, strings.ToLower(strings.TrimSpace(v)))
	}
	it.Mine = yes(r["mine"]) || s.isMe(r["author"], r["author_id"])
	it.Stars, _ = strconv.Atoi(r["stars"])
	it.Stars = min(max(it.Stars, 0), 5)
	if it.Author.RemoteID == "" && r["author"] != "" {
		it.Author.RemoteID = "name:" + strings.ToLower(tidy(r["author"]))
	}
	if it.Author.Handle == "" {
		it.Author.Handle = it.Author.RemoteID
	}
	if it.RemoteID == "" {
		it.RemoteID = "row:" + mark(r["time"], it.Author.RemoteID, it.Text, it.ThreadKey, it.ParentID)
	}
	if yes(r["private"]) {
		it.Visibility = network.Direct
	}
	known := []network.ItemKind{
		network.KindReply, network.KindMention, network.KindMessage, network.KindComment, network.KindReview, network.KindQuote, network.KindPost,
	}
	if !slices.Contains(known, it.Kind) {
		switch {
		case it.Stars > 0 && !it.Mine:
			it.Kind = network.KindReview
		case it.Visibility == network.Direct:
			it.Kind = network.KindMessage
		case it.ParentID != "":
			it.Kind = network.KindReply
		case it.Mine:
			it.Kind = network.KindPost
		default:
			it.Kind = network.KindComment
		}
	}
	return it
}

// moment reads a time; one without a zone hangs on the wall of Options.Zone.
func (s *scan) moment(v string) time.Time {
	v = strings.TrimSpace(v)
	if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return t
	}
	for _, layout := range []string{
		"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006", "02-01-2006 15:04:05", "02-01-2006 15:04", "02-01-2006", "2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006",
	} {
		if t, err := time.ParseInLocation(layout, v, s.Zone); err == nil {
			return t
		}
	}
	return unix(v)
}

// putRow hands a row on, or says why not.
func (s *scan) putRow(r row, f file, line int) error {
	it := s.row(r)
	if !it.Mine {
		s.tally.name(it.Author.Name)
	}
	if !it.Mine && it.Author.RemoteID == "" {
		return s.skip(UnreadShape, "author", f, line)
	}
	return s.put(it, f, line)
}

// table reads CSV with a line of column names, apart by commas, semicolons or tabs (RFC 4180).
type table struct{ s *scan }

func newTable(s *scan) reader { s.me.Network = network.Name(s.Network); return table{s} }

// claimsTable knows a table by the names of its columns: ours, or those that were said to mean ours.
func (o Options) claimsTable(name string, head []byte) bool {
	names := o.columnNames(splitHead(firstLine(head)))
	return slices.Contains(names, "time") && (slices.Contains(names, "text") || slices.Contains(names, "stars")) && (o.Columns == nil || tableName(name))
}

// comma is what keeps the columns apart.
func comma(line string) rune {
	for _, c := range []rune{'\t', ';'} {
		if strings.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

func splitHead(line string) []string {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma = comma(line)
	names, err := r.Read()
	if err != nil {
		return nil
	}
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSpace(names[i]))
	}
	return names
}

func (table) learns(string) bool     { return false }
func (table) learn(file) error       { return nil }
func (table) reads(name string) bool { return hasEnding(name, ".csv", ".tsv", ".txt") }

func hasEnding(name string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(strings.ToLower(name), e) })
}

func (t table) read(f file) error {
	stop := &piece{r: f.r, most: t.s.Limits.Piece, place: f.place}
	in := asUTF8(bufio.NewReaderSize(stop, 64<<10))
	r := newCSV(in)
	first, err := r.Read()
	if err != nil {
		return tableFault(f, err)
	}
	names := t.s.columnNames(first)
	for _, n := range names {
		if !isColumn(n) {
			t.s.tally.skip(UnreadColumn, shown(n), f.place, 1)
		}
	}
	if !slices.Contains(names, "time") {
		t.s.tally.skip(UnreadFile, ending(f.name), f.place, 0)
		_, err := io.Copy(io.Discard, in)
		return err
	}
	for {
		stop.rest()
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return tableFault(f, err)
		}
		line, _ := r.FieldPos(0)
		if len(rec) > len(names) {
			t.s.tally.skip(UnreadShape, "", f.place, line)
			continue
		}
		x := row{}
		for i, v := range rec {
			x[names[i]] = v
		}
		if err := t.s.putRow(x, f, line); err != nil {
			return err
		}
	}
}

func tableFault(f file, err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return ErrForm.With("file", f.place).With("line", p.Line).Because(err)
	}
	if errors.Is(err, io.EOF) {
		return ErrDamaged.With("file", f.place).Because(err)
	}
	return err
}

// jsonLines reads one JSON object a line, with the columns of a table as its names (https://jsonlines.org).
type jsonLines struct{ s *scan }

func newLines(s *scan) reader { s.me.Network = network.Name(s.Network); return jsonLines{s} }

func claimsLines(_ string, head []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	var x map[string]json.RawMessage
	return json.Unmarshal(line, &x) == nil && x["time"] != nil && (x["text"] != nil || x["stars"] != nil)
}

func (jsonLines) learns(string) bool     { return false }
func (jsonLines) learn(file) error       { return nil }
func (jsonLines) reads(name string) bool { return hasEnding(name, ".jsonl", ".ndjson", ".json") }

func (l jsonLines) read(f file) error {
	stop := &piece{r: f.r, most: l.s.Limits.Piece, place: f.place}
	in := bufio.NewReaderSize(stop, 64<<10)
	for n := 1; ; n++ {
		stop.rest()
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			return ErrForm.With("file", f.place).With("line", n).Because(err)
		}
		r := row{}
		for k, v := range x {
			k = strings.ToLower(k)
			if !slices.Contains(columns, k) {
				l.s.tally.skip(UnreadColumn, shown(k), f.place, n)
				continue
			}
			switch v := v.(type) {
			case string:
				r[k] = v
			case float64:
				r[k] = strconv.FormatFloat(v, 'f', -1, 64)
			case bool:
				r[k] = fmt.Sprint(v)
			case nil:
			default:
				l.s.tally.skip(UnreadShape, k, f.place, n)
			}
		}
		if err := l.s.putRow(r, f, n); err != nil {
			return err
		}
	}
}
