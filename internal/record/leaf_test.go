package record_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/record"
)

// written has a leaf of each kind and how it is written. This stands in public logs: it never changes.
func written() map[string]record.Leaf {
	at := time.Date(2026, 3, 12, 17, 0, 0, 0, time.UTC)
	s, of := handle(0xab), handle(0xcd)
	c := bytes.Repeat([]byte{0x5a}, 32)
	head := func(k string) string {
		return `{"v":1,"kind":"` + k + `","at":"2026-03-12T17Z","subject":"` + string(s) + `"`
	}
	cs := `"commit":"` + strings.Repeat("5a", 32) + `"`
	return map[string]record.Leaf{
		head("heard") + `,"said":"2026-03-09T08Z",` + cs + `}`:     {Kind: record.Heard, At: at, Subject: s, Said: at.Add(-81 * time.Hour), Commit: c},
		head("undecided") + `,"said":"2026-03-12T17Z",` + cs + `}`: {Kind: record.Undecided, At: at, Subject: s, Said: at, Commit: c},
		head("dismissed") + `,"reason":"not_about_us"}`:            {Kind: record.Dismissed, At: at, Subject: s, Reason: record.NotAboutUs},
		head("answered") + `,"minutes":0}`:                         {Kind: record.Answered, At: at, Subject: s},
		head("accepted") + `,"of":"` + string(of) + `"}`:           {Kind: record.Accepted, At: at, Subject: s, Of: of},
		head("parted") + `,"of":"` + string(of) + `"}`:             {Kind: record.Parted, At: at, Subject: s, Of: of},
		head("declined") + `,` + cs + `}`:                          {Kind: record.Declined, At: at, Subject: s, Commit: c},
		head("reopened") + `}`:                                     {Kind: record.Reopened, At: at, Subject: s},
		head("published") + `,"of":"` + string(of) + `",` + cs + `}`: {
			Kind: record.Published, At: at, Subject: s, Of: of, Commit: c,
		},
		head("effect") + `,"outcome":"worked","before":{"people":12,"days":56},"after":{"people":0,"days":28}}`: {
			Kind: record.Effect, At: at, Subject: s, Outcome: record.Worked, Before: record.Count{People: 12, Days: 56}, After: record.Count{Days: 28},
		},
		head("confirmed") + `,"outcome":"not_worked"}`: {Kind: record.Confirmed, At: at, Subject: s, Outcome: record.NotWorked},
		head("promised") + `,"due":"2026-03-20"}`:      {Kind: record.Promised, At: at, Subject: s, Due: time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)},
		head("kept") + `}`:                             {Kind: record.Kept, At: at, Subject: s},
		head("broken") + `}`:                           {Kind: record.Broken, At: at, Subject: s},
		head("erased") + `}`:                           {Kind: record.Erased, At: at, Subject: s},
	}
}

func TestLeavesAreWrittenInOneForm(t *testing.T) {
	t.Parallel()
	seen := map[record.Kind]bool{}
	for text, l := range written() {
		seen[l.Kind] = true
		b, err := l.Encode()
		if err != nil || string(b) != text {
			t.Errorf("%s: %v\n%s\n%s", l.Kind, err, b, text)
		}
		got, err := record.Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if diff := cmp.Diff(l, got); diff != "" {
			t.Errorf("%s:\n%s", l.Kind, diff)
		}
		if len(b) > record.MaxLeaf/2 {
			t.Errorf("%s takes %d bytes", l.Kind, len(b))
		}
	}
	if len(seen) != len(record.Kinds) {
		t.Errorf("%d kinds of %d", len(seen), len(record.Kinds))
	}
}

// What is not written exactly so is no leaf: neither other fields nor another order, form or precision.
func TestNothingElseIsALeaf(t *testing.T) {
	t.Parallel()
	for text := range written() {
		for name, bad := range map[string]string{
			"a space":         strings.Replace(text, `,"at"`, `, "at"`, 1),
			"a line's end":    text + "\n",
			"something more":  text + "x",
			"a field more":    strings.TrimSuffix(text, "}") + `,"name":"Ada"}`,
			"a field twice":   strings.Replace(text, `,"at":"2026-03-12T17Z"`, `,"at":"2026-03-12T17Z","at":"2026-03-12T17Z"`, 1),
			"another version": strings.Replace(text, `"v":1`, `"v":2`, 1),
			"no version":      strings.Replace(text, `"v":1,`, ``, 1),
			"another order":   strings.Replace(text, `{"v":1,"kind"`, `{"kind"`, 1),
			"a minute":        strings.Replace(text, `2026-03-12T17Z`, `2026-03-12T17:20Z`, 1),
			"seconds":         strings.Replace(text, `2026-03-12T17Z`, `2026-03-12T17:20:31Z`, 1),
			"another zone":    strings.Replace(text, `2026-03-12T17Z`, `2026-03-12T17+`, 1),
			"no such hour":    strings.Replace(text, `2026-03-12T17Z`, `2026-03-12T24Z`, 1),
			"no such day":     strings.Replace(text, `2026-03-12T17Z`, `2026-02-30T17Z`, 1),
			"before 1970":     strings.Replace(text, `2026-03-12T17Z`, `1969-12-31T23Z`, 1),
			"capitals":        strings.Replace(text, "ab\"", "AB\"", 1),
			"a short handle":  strings.Replace(text, "0ab\"", "ab\"", 1),
			"an escape":       strings.Replace(text, "kind", "k\\u0069nd", 1),
			"another kind":    strings.Replace(text, `"kind":"`, `"kind":"re`, 1),
			"cut off":         text[:len(text)-1],
		} {
			if bad == text {
				t.Fatalf("%s changes nothing in %s", name, text)
			}
			if _, err := record.Decode([]byte(bad)); !errors.Is(err, record.ErrLeaf) {
				t.Errorf("%s: %s: %v", name, bad, err)
			}
		}
	}
	for _, swap := range [][3]string{
		{"answered", `"minutes":0`, `"minutes":00`},
		{"answered", `"minutes":0`, `"minutes":-1`},
		{"answered", `"minutes":0`, `"minutes":1.0`},
		{"answered", `"minutes":0`, `"minutes":1e2`},
		{"answered", `"minutes":0`, `"minutes":"1"`},
		{"answered", `"minutes":0`, `"minutes":601`}, // hours begin there
		{"answered", `"minutes":0`, `"minutes":99999999999999999999`},
		{"dismissed", "not_about_us", "because"},
		{"confirmed", "not_worked", "too_early"},
		{"confirmed", "not_worked", "perhaps"},
		{"effect", `"people":12`, `"people":012`},
		{"effect", `"people":12,"days":56`, `"days":56,"people":12`},
		{"promised", "2026-03-20", "2026-02-29"},
		{"promised", "2026-03-20", "2026-03-20T00Z"},
		{"heard", strings.Repeat("5a", 32), strings.Repeat("5A", 32)},
		{"heard", strings.Repeat("5a", 32), strings.Repeat("5a", 31)},
		{"heard", `"said":"2026-03-09T08Z"`, `"said":"2026-03-13T08Z"`}, // written after it was recorded
		{"accepted", string(handle(0xcd)), string(handle(0xab))},        // in itself
		{"accepted", `,"of":"` + string(handle(0xcd)) + `"`, ``},
	} {
		found := false
		for text := range written() {
			if !strings.Contains(text, `"kind":"`+swap[0]+`"`) {
				continue
			}
			found = true
			bad := strings.Replace(text, swap[1], swap[2], 1)
			if bad == text {
				t.Fatalf("%v changes nothing", swap)
			}
			if _, err := record.Decode([]byte(bad)); !errors.Is(err, record.ErrLeaf) {
				t.Errorf("%s: %v", bad, err)
			}
		}
		if !found {
			t.Errorf("no leaf of the kind %s", swap[0])
		}
	}
	if _, err := record.Decode(bytes.Repeat([]byte{' '}, record.MaxLeaf+1)); !errors.Is(err, record.ErrLeaf) {
		t.Error(err)
	}
}

// What has a field that its kind has not is not written.
func TestFieldsOfOtherKindsAreRefused(t *testing.T) {
	t.Parallel()
	for _, l := range written() {
		for name, put := range map[string]func(*record.Leaf){
			"of":      func(l *record.Leaf) { l.Of = handle(7) },
			"said":    func(l *record.Leaf) { l.Said = l.At },
			"commit":  func(l *record.Leaf) { l.Commit = make([]byte, 32) },
			"minutes": func(l *record.Leaf) { l.Minutes = 5 },
			"reason":  func(l *record.Leaf) { l.Reason = record.Spam },
			"outcome": func(l *record.Leaf) { l.Outcome = record.Worked },
			"before":  func(l *record.Leaf) { l.Before.Days = 1 },
			"after":   func(l *record.Leaf) { l.After.People = 1 },
			"due":     func(l *record.Leaf) { l.Due = record.Day(l.At) },
		} {
			b, err := l.Encode()
			if err != nil {
				t.Fatal(err)
			}
			changed := l
			put(&changed)
			if _, err := changed.Encode(); (err == nil) != strings.Contains(string(b), `"`+name+`":`) {
				t.Errorf("%s with %s: %v", l.Kind, name, err)
			}
		}
		for name, spoil := range map[string]func(*record.Leaf){
			"finer than an hour": func(l *record.Leaf) { l.At = l.At.Add(time.Minute) },
			"of another zone":    func(l *record.Leaf) { l.At = l.At.In(time.FixedZone("x", 3600)) },
			"without a time":     func(l *record.Leaf) { l.At = time.Time{} },
			"of nothing":         func(l *record.Leaf) { l.Subject = "" },
		} {
			changed := l
			spoil(&changed)
			if _, err := changed.Encode(); !errors.Is(err, record.ErrLeaf) {
				t.Errorf("%s %s: %v", l.Kind, name, err)
			}
		}
	}
}

func TestLeavesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		l := draw(r, begin.Add(time.Duration(rapid.IntRange(0, 1<<20).Draw(r, "hours"))*time.Hour))
		b, err := l.Encode()
		if err != nil {
			r.Fatal(err)
		}
		got, err := record.Decode(b)
		if err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(l, got); diff != "" {
			r.Fatal(diff)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for text := range written() {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"v":1,"kind":"answered","at":"9999-12-31T23Z","subject":"00000000000000000000000000000000","minutes":5256000}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := record.Decode(b)
		if err != nil {
			return
		}
		again, err := l.Encode()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q is read as %v and written as %q (%v)", b, l, again, err)
		}
	})
}

// The way of a commitment, as the guide tells it to people who check by hand.
func TestCommitmentsCanBeCheckedByHand(t *testing.T) {
	t.Parallel()
	salt, err := hex.DecodeString("00112233445566778899aabbccddeeff")
	if err != nil {
		t.Fatal(err)
	}
	text := "https://social.example/@ada/1"
	want := sha256.Sum256([]byte("14:ponte-record-1,7:address,32:00112233445566778899aabbccddeeff,29:https://social.example/@ada/1,"))
	c := record.Commit(salt, record.OfAddress, text)
	if !bytes.Equal(c, want[:]) || !record.Opens(c, salt, record.OfAddress, text) {
		t.Errorf("%x", c)
	}
	if record.Opens(c, salt, record.OfReason, text) || record.Opens(c, salt[1:], record.OfAddress, text) || record.Opens(c, salt, record.OfAddress, text+"x") {
		t.Error("it opens with something else")
	}
	other, one, two := record.NewSalt(), record.NewHandle(), record.NewHandle()
	if bytes.Equal(record.NewSalt(), other) || len(other) != record.SaltSize || one == two {
		t.Error("what should be random is not")
	}
	if h, err := record.ParseHandle(string(record.NewHandle())); err != nil || h == "" {
		t.Error(err)
	}
	for _, bad := range []string{"", "x", strings.Repeat("g", 32), strings.Repeat("A", 32), strings.Repeat("a", 33)} {
		if _, err := record.ParseHandle(bad); err == nil {
			t.Errorf("%q is a handle", bad)
		}
	}
}

// No two different (salt, domain, text) are written alike.
func TestCommitmentsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		part := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789:,a")), 0, 6, -1)
		s1, s2 := part.Draw(r, "s1"), part.Draw(r, "s2")
		d1, d2 := part.Draw(r, "d1"), part.Draw(r, "d2")
		t1, t2 := part.Draw(r, "t1"), part.Draw(r, "t2")
		same := s1 == s2 && d1 == d2 && t1 == t2
		if bytes.Equal(record.Commit([]byte(s1), record.Domain(d1), t1), record.Commit([]byte(s2), record.Domain(d2), t2)) != same {
			r.Fatalf("(%s %s %s) and (%s %s %s)", s1, d1, t1, s2, d2, t2)
		}
	})
}

func TestNormalAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://Social.Example/@Ada/1":                               "https://social.example/@Ada/1",
		"HTTP://social.example:80/@Ada/1/":                            "https://social.example/@Ada/1",
		"https://social.example:443/@Ada/1#top":                       "https://social.example/@Ada/1",
		" social.example/@Ada/1 ":                                     "https://social.example/@Ada/1",
		"<https://social.example/@Ada/1>":                             "https://social.example/@Ada/1",
		"https://social.example:8443/a":                               "https://social.example:8443/a",
		"https://social.example./a":                                   "https://social.example/a",
		"https://social.example":                                      "https://social.example",
		"https://social.example/":                                     "https://social.example",
		"https://social.example//a//b/":                               "https://social.example/a/b",
		"https://social.example/a/../b":                               "https://social.example/b",
		"https://me:secret@social.example/a":                          "https://social.example/a",
		"https://x.example/p?utm_source=a&id=7&fbclid=x":              "https://x.example/p?id=7",
		"https://x.example/p?UTM_Medium=a&gclid=1":                    "https://x.example/p",
		"https://x.example/p?b=2&a=1":                                 "https://x.example/p?a=1&b=2",
		"https://x.example/p?a=1&&b":                                  "https://x.example/p?a=1&b",
		"https://x.example/citt%C3%A0":                                "https://x.example/citt%C3%A0",
		"https://x.example/città":                                     "https://x.example/citt%C3%A0",
		"https://x.example/%7Eada":                                    "https://x.example/~ada",
		"https://bsky.app/profile/ada.example/post/3k?ref_src=embed":  "https://bsky.app/profile/ada.example/post/3k",
		"http://[2001:DB8::1]:80/a":                                   "https://[2001:db8::1]/a",
		"http://127.0.0.1:41234/a":                                    "https://127.0.0.1:41234/a",
		"https://maps.example/review?hl=it&review=9&utm_campaign=mar": "https://maps.example/review?hl=it&review=9",
	} {
		got, err := record.NormalAddress(in)
		if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
	for _, bad := range []string{
		"", " ", "ftp://x.example/a", "javascript:alert(1)", "mailto:a@x.example", "at://did:plc:x/app.bsky.feed.post/1", "https://", "https:///a",
		"https://x..example/a", "https://x.example:port/", "https://x.example/%zz", "https://x.example/" + strings.Repeat("a", record.MaxAddress),
	} {
		if got, err := record.NormalAddress(bad); !errors.Is(err, record.ErrAddress) {
			t.Errorf("%q: %q %v", bad, got, err)
		}
	}
}

func FuzzNormalAddress(f *testing.F) {
	for _, s := range []string{
		"https://Social.Example/@Ada/1?utm_source=x&b=2&a=%31#y", "http://[::1]:80/%2F/../a//", "x.example/a?b;c=%zz", "https://a%41.example/+ ?q=+",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := record.NormalAddress(s)
		if err != nil {
			return
		}
		if twice, err := record.NormalAddress(once); err != nil || twice != once {
			t.Fatalf("%q becomes %q and then %q (%v)", s, once, twice, err)
		}
		if !strings.HasPrefix(once, "https://") || len(once) > record.MaxAddress || strings.Contains(once, "#") {
			t.Fatalf("%q becomes %q", s, once)
		}
	})
}

func TestFiguresHaveOneForm(t *testing.T) {
	t.Parallel()
	p := record.PublicFigures{Origin: "arno.example/ceramiche", Figures: record.Figures{Since: record.Day(begin)}}
	p.Head.Size = 7
	// Every figure is there, under its name, with its own value.
	rapid.Check(t, func(r *rapid.T) {
		n := func(name string) int { return rapid.IntRange(0, 1<<30).Draw(r, name) }
		p := p
		p.Figures = record.Figures{
			Since: record.Day(begin), Leaves: int64(n("leaves")), Heard: n("heard"), Answered: n("answered"), MedianMinutes: n("median"),
			SlowestMinutes: n("slowest"), Undecided: n("undecided"), Dismissed: n("dismissed"), Cases: n("cases"), Published: n("published"),
			Voices: n("voices"), Declined: n("declined"), Worked: n("worked"), NotWorked: n("not worked"), TooEarly: n("early"),
			Confirmed: n("confirmed"), NotConfirmed: n("not confirmed"), Promised: n("promised"), Kept: n("kept"), KeptLate: n("late"),
			Broken: n("broken"), Open: n("open"), Erased: n("erased"),
		}
		b, err := p.Encode()
		if err != nil {
			r.Fatal(err)
		}
		got, err := record.ParseFigures(b)
		if err != nil || got != p {
			r.Fatalf("%v\n%s", err, b)
		}
		for _, f := range p.Figures.List() {
			if want := fmt.Sprintf(`"%s": %d`, f.Name, f.Value); !bytes.Contains(b, []byte(want)) {
				r.Fatalf("%s is not in\n%s", want, b)
			}
		}
	})
	b, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, bad := range map[string]string{
		"nothing": "", "more behind": text + "{}", "another version": strings.Replace(text, `"v": 1`, `"v": 2`, 1),
		"a field more":      strings.Replace(text, `"heard"`, `"liked": 3, "heard"`, 1),
		"a field less":      strings.Replace(text, `    "heard": 0,`+"\n", "", 1),
		"a field twice":     strings.Replace(text, `"heard": 0`, `"heard": 5, "heard": 0`, 1),
		"a fraction":        strings.Replace(text, `"heard": 0`, `"heard": 0.5`, 1),
		"no root":           strings.Replace(text, `AAAA`, ``, 1),
		"too much":          text + strings.Repeat(" ", record.MaxFigures),
		"no origin":         strings.Replace(text, "arno.example/ceramiche", "", 1),
		"a name that moves": strings.Replace(text, "arno", "\\u001b[2J", 1),
		"no such day":       strings.Replace(text, "2026-01-05", "2026-13-05", 1),
	} {
		if bad == text {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := record.ParseFigures([]byte(bad)); !errors.Is(err, record.ErrFigures) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseFigures(f *testing.F) {
	b, err := record.PublicFigures{Origin: "x"}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := record.ParseFigures(b)
		if err != nil {
			return
		}
		if again, err := p.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q %v", again, err)
		}
	})
}
