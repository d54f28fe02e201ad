package text_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/ponte-desk/ponte/internal/text"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	in := func(e encoding.Encoding, s string) string {
		b, err := e.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	const said = "Perché sì – caffè €"
	long := strings.Repeat("è", 2000)
	for _, c := range []struct{ name, told, in, want string }{
		{"nothing said, UTF-8", "", said, said},
		{"nothing said, not UTF-8", "text/html", in(charmap.Windows1252, said), said},
		{"a header", "text/html; charset=ISO-8859-15", in(charmap.ISO8859_15, "Perché €"), "Perché €"},
		{"the web's Latin-1", "text/html; charset=iso-8859-1", in(charmap.Windows1252, said), said},
		{"a bare name", "windows-1252", in(charmap.Windows1252, said), said},
		{"another alphabet", "KOI8-R", in(charmap.KOI8R, "привет"), "привет"},
		{"a mark before a header", "text/html; charset=windows-1252", "\ufeff" + said, said},
		{"UTF-16 with a mark", "", in(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), said), said},
		{"UTF-16 by name", "utf-16le", in(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), said), said},
		{"a meta", "text/html", `<meta charset=windows-1252>` + in(charmap.Windows1252, said), `<meta charset=windows-1252>` + said},
		{"an older meta", "", `<META http-equiv="Content-Type" content="text/html; charset=windows-1250">` + in(charmap.Windows1250, "ő"), `<META http-equiv="Content-Type" content="text/html; charset=windows-1250">ő`},
		{"XML", "application/rss+xml", `<?xml version="1.0" encoding="ISO-8859-2"?>` + in(charmap.ISO8859_2, "ő"), `<?xml version="1.0" encoding="ISO-8859-2"?>ő`},
		{"a meta that cannot be true", "", `<meta charset="utf-16">` + said, `<meta charset="utf-16">` + said},
		{"a header before a meta", "text/html; charset=utf-8", `<meta charset=windows-1252>` + said, `<meta charset=windows-1252>` + said},
		{"no such set", "text/html; charset=klingon", said, said},
		{"one of the far east", "", `<meta charset=shift_jis>ab` + in(japanese.ShiftJIS, "日本"), `<meta charset=shift_jis>ab` + "\ufffd\ufffd\ufffd{"},
		{"a character across the kilobyte", "", "a" + long, "a" + long},
		{"empty", "text/html", "", ""},
		{"one byte", "", "\xe8", "è"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := io.ReadAll(text.Decode(iotest.OneByteReader(strings.NewReader(c.in)), c.told))
			if err != nil || string(b) != c.want {
				t.Errorf("%q, %v; want %q", b, err, c.want)
			}
		})
	}
	cut := errors.New("cut off")
	if _, err := io.ReadAll(text.Decode(io.MultiReader(strings.NewReader("ciao"), iotest.ErrReader(cut)), "")); !errors.Is(err, cut) {
		t.Errorf("what happened is lost: %v", err)
	}
}
