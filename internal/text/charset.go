package text

import (
	"bytes"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const headOfDocument = 1024 // bytes in which a document says its character set (WHATWG HTML, 13.2.3.2)

// The names that the web has for a set beside its own (WHATWG Encoding, 4.2), without dashes and the like.
var setsByOtherNames = map[string]string{
	"ascii": "windows1252", "usascii": "windows1252", "ansix3.41968": "windows1252", "iso88591": "windows1252", "latin1": "windows1252", "l1": "windows1252",
	"cp1252": "windows1252", "xcp1252": "windows1252", "cp1250": "windows1250", "cp1251": "windows1251", "cp1253": "windows1253", "cp1254": "windows1254",
	"iso88599": "windows1254", "latin5": "windows1254", "latin2": "iso88592", "latin9": "iso885915", "l9": "iso885915", "tis620": "windows874",
	"iso885911": "windows874", "mac": "macintosh", "xmacroman": "macintosh", "koi8": "koi8r",
}

var (
	sets          = knownSets()
	saysItself    = regexp.MustCompile(`(?i)<meta\s[^>]*\bcharset\s*=\s*["']?\s*([a-z0-9_:.-]+)|^\s*<\?xml\s[^>]*\bencoding\s*=\s*["']([a-z0-9_:.-]+)`)
	withoutDashes = strings.NewReplacer(" ", "", "-", "", "_", "", ":", "")
)

func knownSets() map[string]encoding.Encoding {
	m := map[string]encoding.Encoding{
		"utf8": unicode.UTF8, "utf16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"utf16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	}
	for _, e := range charmap.All {
		if s, ok := e.(interface{ String() string }); ok {
			m[withoutDashes.Replace(strings.ToLower(s.String()))] = e
		}
	}
	return m
}

// setNamed finds a set by the name that the web has for it; nil when there is none, or it is one of the far east, whose tables are as large
// as all else that Ponte knows of writing.
func setNamed(name string) encoding.Encoding {
	name = withoutDashes.Replace(strings.ToLower(strings.TrimSpace(name)))
	if other := setsByOtherNames[name]; other != "" {
		name = other
	}
	return sets[name]
}

// Decode gives a document in UTF-8, whatever set it is written in (WHATWG HTML, 13.2.3). First counts its byte-order mark; then told, what
// came with it: a Content-Type, the name of a set, or nothing; then what it says of itself, in a <meta> or as XML. One that says nothing, or
// names no known set, is UTF-8 when its first 1024 bytes are, and windows-1252 otherwise. Bytes without a meaning become U+FFFD.
func Decode(r io.Reader, told string) io.Reader {
	head, err := io.ReadAll(io.LimitReader(r, headOfDocument))
	whole := io.MultiReader(bytes.NewReader(head), r)
	if err != nil {
		whole = io.MultiReader(bytes.NewReader(head), broken{err})
	}
	set := setOf(head, told)
	return transform.NewReader(whole, unicode.BOMOverride(set.NewDecoder()))
}

func setOf(head []byte, told string) encoding.Encoding {
	if _, params, err := mime.ParseMediaType(told); err == nil && params["charset"] != "" {
		told = params["charset"]
	}
	if e := setNamed(told); e != nil {
		return e
	}
	named := false
	if m := saysItself.FindSubmatch(head); m != nil {
		named = true
		if e := setNamed(string(m[1]) + string(m[2])); e != nil {
			if strings.HasPrefix(withoutDashes.Replace(strings.ToLower(string(m[1])+string(m[2]))), "utf16") {
				return unicode.UTF8 // it could not be read if it were so
			}
			return e
		}
	}
	for len(head) > 0 { // a character may be cut off at the end
		c, n := utf8.DecodeLastRune(head)
		if c != utf8.RuneError || n != 1 || len(head) < headOfDocument-utf8.UTFMax {
			break
		}
		head = head[:len(head)-1]
	}
	if named || utf8.Valid(head) {
		return unicode.UTF8
	}
	return charmap.Windows1252
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
