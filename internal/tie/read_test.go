package tie

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// said is an event in words.
type said struct {
	who, whom string
	at        int64
	kind      string
	item      int64
}

func inWords(l *Log) []said {
	var all []said
	for _, e := range l.Events {
		all = append(all, said{l.Names[e.Actor], l.Names[e.Target], e.At, l.Kinds[e.Kind], e.Item})
	}
	return all
}

func TestReadKnowsTheShapesOfALog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want []said
	}{
		"comma":                {"ada,bo,20,share\nbo,cy,10,reply\n", []said{{"bo", "cy", 10, "reply", 0}, {"ada", "bo", 20, "share", 0}}},
		"blanks":               {"# a comment\n1 2 7 RT\n\n2  3\t8  MT", []said{{"1", "2", 7, "RT", 0}, {"2", "3", 8, "MT", 0}}},
		"two columns":          {"0 1\r\n1 2\r\n", []said{{"0", "1", 0, "", 0}, {"1", "2", 0, "", 0}}},
		"tabs with blanks":     {"Ada L\tBo B\t5\n", []said{{"Ada L", "Bo B", 5, "", 0}}},
		"header":               {"who,whom,unixtime,kind\na,b,1,x\n", []said{{"a", "b", 1, "x", 0}}},
		"header in its order":  {"kind;timestamp;to;colour;from\nx;4;b;red;a\n", []said{{"a", "b", 4, "x", 0}}},
		"kind without a time":  {"a,b,share\nb,c,like\n", []said{{"a", "b", 0, "share", 0}, {"b", "c", 0, "like", 0}}},
		"item":                 {"a,b,1,x,42\na,b,,,\n", []said{{"a", "b", 0, "", 0}, {"a", "b", 1, "x", 42}}},
		"quotes":               {"\"Rossi, Ada\",\"the \"\"other\"\"\",3\n", []said{{"Rossi, Ada", `the "other"`, 3, "", 0}}},
		"byte order mark":      {"\ufeffwho,whom\na,b\n", []said{{"a", "b", 0, "", 0}}},
		"parts of a second":    {"a b 12.75 x\n", []said{{"a", "b", 12, "x", 0}}},
		"somebody to themself": {"a a 3\n", []said{{"a", "a", 3, "", 0}}},
		"nothing":              {"", nil},
		"same moment in order": {"a b 5\nb a 5\na c 5\n", []said{{"a", "b", 5, "", 0}, {"b", "a", 5, "", 0}, {"a", "c", 5, "", 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, packed := range []bool{false, true} {
				var in io.Reader = strings.NewReader(c.in)
				if packed {
					in = zipped(t, c.in)
				}
				l, bad, err := Read(in, ReadOptions{})
				if err != nil || len(bad) > 0 {
					t.Fatalf("packed %v: %v %v", packed, err, bad)
				}
				if got := inWords(l); !slices.Equal(got, c.want) {
					t.Errorf("packed %v: %v, want %v", packed, got, c.want)
				}
				if err := l.Check(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func zipped(t *testing.T, s string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestReadNamesEveryBadLine(t *testing.T) {
	t.Parallel()
	in := strings.Join([]string{
		"a,b,1,x",
		"# fine",
		"alone",                          // 3
		"a,b,soon,x",                     // 4
		"a,b,-5,x",                       // 5
		"a,b,1341100972000,x",            // 6: thousandths
		",b,1,x",                         // 7
		"a,b,1,x,9,more",                 // 8
		"a,b,1,x,nine",                   // 9
		"\"a,b,1",                        // 10
		"a\x01,b,1",                      // 11
		"a\xff,b,1",                      // 12
		strings.Repeat("y", 500) + ",b,", // 13
		"\"a\"x,b,1",                     // 14
		"a,c,2,x",
	}, "\n")
	l, bad, err := Read(strings.NewReader(in), ReadOptions{MaxLine: 100})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		line   int
		reason Reason
	}{
		{3, TooFew},
		{4, BadTime},
		{5, BadTime},
		{6, BadTime},
		{7, NoName},
		{8, TooMany},
		{9, BadItem},
		{10, BadQuote},
		{11, NotText},
		{12, NotText},
		{13, TooLong},
		{14, BadQuote},
	}
	if len(bad) != len(want) {
		t.Fatalf("bad: %v", bad)
	}
	for i, w := range want {
		if bad[i].Line != w.line || bad[i].Reason != w.reason || bad[i].Text == "" || len(bad[i].Text) > maxShown+2 {
			t.Errorf("%v, want line %d %s", bad[i], w.line, w.reason)
		}
	}
	if got := inWords(l); !slices.Equal(got, []said{{"a", "b", 1, "x", 0}, {"a", "c", 2, "x", 0}}) {
		t.Errorf("taken in: %v", got)
	}
	if !slices.Equal(l.Names, []string{"a", "b", "c"}) {
		t.Errorf("a bad line left a name behind: %q", l.Names)
	}
}

func TestReadKeepsItsLimits(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	for i := range 300 {
		in.WriteString("a,b,1,k" + strconv.Itoa(i) + "\n")
	}
	l, bad, err := Read(strings.NewReader(in.String()), ReadOptions{})
	if err != nil || len(l.Kinds) != MaxKinds || len(l.Events) != 255 || len(bad) != 45 || bad[0].Reason != ManyKinds || bad[0].Line != 256 {
		t.Errorf("%d kinds, %d events, %d bad, %v", len(l.Kinds), len(l.Events), len(bad), err)
	}
	l, bad, err = Read(strings.NewReader("a b\nb a\na c\nc c\nb b\n"), ReadOptions{MaxPeople: 2})
	if err != nil || len(l.Events) != 3 || len(bad) != 2 || bad[0].Reason != ManyPeople || len(l.Names) != 2 {
		t.Errorf("%v %v %v", inWords(l), bad, err)
	}
}

func TestReadTellsABrokenArchive(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if _, err := b.ReadFrom(zipped(t, strings.Repeat("a,b,1\n", 100000))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(bytes.NewReader(b.Bytes()[:b.Len()/2]), ReadOptions{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a cut archive: %v", err)
	}
}

func TestLogIsCutByTime(t *testing.T) {
	t.Parallel()
	l := &Log{Names: []string{"a", "b"}, Events: []Event{{0, 1, 30, 0, 0}, {0, 1, 0, 0, 0}, {1, 0, 10, 0, 0}, {0, 1, 20, 0, 0}}}
	if l.Check() == nil {
		t.Error("a log out of order passed")
	}
	l.Sort()
	if n := len(l.Before(20).Events); n != 2 {
		t.Errorf("before 20: %d", n)
	}
	if n := len(l.Between(10, 30).Events); n != 2 {
		t.Errorf("from 10 until 30: %d", n)
	}
	if a, b := l.Span(); a != 10 || b != 30 {
		t.Errorf("span %d %d", a, b)
	}
	l.Events = append(l.Events, Event{Actor: 2, At: 40})
	if !errors.Is(l.Check(), ErrEvent) {
		t.Error("an event of nobody passed")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("who,whom,unixtime,kind\na,b,1,x\n\"a\"\"\",b,2\n"))
	f.Add([]byte("# c\n1 2 3 RT\n"))
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Fuzz(func(t *testing.T, in []byte) {
		l, bad, err := Read(bytes.NewReader(in), ReadOptions{MaxLine: 64})
		if err != nil {
			return
		}
		if err := l.Check(); err != nil {
			t.Fatal(err)
		}
		packed := bytes.HasPrefix(in, []byte{0x1f, 0x8b})
		if lines := bytes.Count(in, []byte("\n")) + 1; !packed && len(bad)+len(l.Events) > lines {
			t.Fatalf("%d lines gave %d events and %d bad ones", lines, len(l.Events), len(bad))
		}
	})
}
