package lead

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/text"
)

// Kind is what a field asks for. It is stored in the database.
type Kind string

// The kinds of fields.
const (
	Short   Kind = "short"
	Long    Kind = "long"
	Email   Kind = "email"
	Phone   Kind = "phone"
	Choice  Kind = "choice"  // one of some
	Several Kind = "several" // any of some
	Number  Kind = "number"
	Date    Kind = "date"
	Consent Kind = "consent"
	File    Kind = "file"
)

// Kinds lists the kinds of fields.
var Kinds = []Kind{Short, Long, Email, Phone, Choice, Several, Number, Date, Consent, File}

// NameKey is the key of the field that asks for the name.
const NameKey = "name"

// Field is one question of a form. It is stored as JSON.
type Field struct {
	Key      string // in addresses and tables: "email", "when"; never shown
	Kind     Kind
	Label    string // for a consent the whole text that is agreed to
	Hint     string
	Required bool
	Options  []string `json:",omitempty"` // of Choice and Several
}

// Bounds of a form.
const (
	mostFields  = 24
	mostOptions = 30
	maxKey      = 30
	maxLabel    = 200  // characters
	maxConsent  = 2000 // of a text to agree to
	maxHint     = 300
	maxShort    = 200
	maxLong     = 4000
	maxPhone    = 40
	maxFile     = 8 << 20 // bytes
	mostFiles   = 3
)

// MaxBody is the size in bytes of the largest form that is sent in.
const MaxBody = mostFiles*maxFile + 1<<20

// FileKinds are the kinds of files that are taken besides images, by their content.
var FileKinds = []string{"application/pdf"}

// wrongField names what is wrong with the nth field, with the names under which forms send them.
func wrongField(n int, f Field) (out []fault.Field) {
	say := func(part, key string, args map[string]any) {
		out = append(out, fault.Field{Name: fmt.Sprintf("field%d.%s", n, part), Key: key, Args: args})
	}
	if !goodKey(f.Key) {
		say("key", "lead.field.key", nil)
	}
	if !slices.Contains(Kinds, f.Kind) {
		say("kind", "lead.field.kind", nil)
	}
	most := maxLabel
	if f.Kind == Consent {
		most = maxConsent
	}
	if f.Label == "" {
		say("label", "lead.field.label", nil)
	} else if text.Graphemes(f.Label) > most {
		say("label", "lead.field.long", map[string]any{"most": most})
	}
	if text.Graphemes(f.Hint) > maxHint {
		say("hint", "lead.field.long", map[string]any{"most": maxHint})
	}
	if f.Kind == Choice || f.Kind == Several {
		switch {
		case len(f.Options) < 2 && f.Kind == Choice || len(f.Options) < 1:
			say("options", "lead.field.options", nil)
		case len(f.Options) > mostOptions:
			say("options", "lead.field.many", map[string]any{"most": mostOptions})
		case len(slices.Compact(slices.Sorted(slices.Values(f.Options)))) != len(f.Options):
			say("options", "lead.field.twice", nil)
		}
	}
	return out
}

func goodKey(s string) bool {
	return s != "" && len(s) <= maxKey && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}

// KeyOf makes the key of a field from its label, unlike those that are taken.
func KeyOf(label string, taken []string) string {
	var b strings.Builder
	for _, w := range text.Words(text.Fold(label)) {
		for _, r := range w {
			if (r >= 'a' && r <= 'z' || r >= '0' && r <= '9') && b.Len() < maxKey-4 {
				b.WriteRune(r)
			}
		}
		if b.Len() > 12 {
			break
		}
	}
	base := b.String()
	if base == "" {
		base = "field"
	}
	key := base
	for n := 2; slices.Contains(taken, key); n++ {
		key = base + strconv.Itoa(n)
	}
	return key
}

// wrongFields names what is wrong with the fields of a form: a lead must leave a way to be reached.
func wrongFields(fields []Field) (out []fault.Field) {
	if len(fields) > mostFields {
		out = append(out, fault.Field{Name: "fields", Key: "lead.form.many", Args: map[string]any{"most": mostFields}})
	}
	keys, reach, files := map[string]bool{}, false, 0
	for i, f := range fields {
		out = append(out, wrongField(i, f)...)
		if keys[f.Key] {
			out = append(out, fault.Field{Name: fmt.Sprintf("field%d.key", i), Key: "lead.field.same"})
		}
		keys[f.Key] = true
		reach = reach || (f.Kind == Email || f.Kind == Phone) && f.Required
		if f.Kind == File {
			files++
		}
	}
	if !reach {
		out = append(out, fault.Field{Name: "fields", Key: "lead.form.reach"})
	}
	if files > mostFiles {
		out = append(out, fault.Field{Name: "fields", Key: "lead.form.files", Args: map[string]any{"most": mostFiles}})
	}
	return out
}

// line brings a short text to one line without spaces around it.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

// paragraph brings line ends to one form.
func paragraph(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// unclean tells whether a text has what no person types.
func unclean(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' })
}

// tidyEmail brings an address to the form in which it is kept and compared.
func tidyEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") || strings.ContainsAny(s, " \"<>,;\r\n") {
		return s, false
	}
	return s, true
}

// tidyPhone brings a number to the form in which it is kept and compared: digits, maybe after a plus. Numbers of the land begin with what
// people dial there.
func tidyPhone(s string) (string, bool) {
	var b strings.Builder
	for i, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			b.WriteRune(r)
		case r == ' ' || r == '-' || r == '.' || r == '/' || r == '(' || r == ')' || r == '\u00a0':
		default:
			return s, false
		}
	}
	out := b.String()
	if strings.HasPrefix(out, "00") {
		out = "+" + out[2:]
	}
	digits := strings.TrimPrefix(out, "+")
	return out, len(digits) >= 5 && len(digits) <= 15 && len(s) <= maxPhone
}

// read makes an answer of what was sent for a field. A missing answer that may be missing has no values. The fault's name is the key of the field.
func (f Field) read(sent []string) (Answer, []fault.Field) {
	a := Answer{Key: f.Key, Kind: f.Kind, Label: f.Label}
	wrong := func(key string, args ...map[string]any) (Answer, []fault.Field) {
		x := fault.Field{Name: f.Key, Key: key}
		if len(args) > 0 {
			x.Args = args[0]
		}
		return a, []fault.Field{x}
	}
	first := ""
	if len(sent) > 0 {
		first = sent[0]
	}
	for _, s := range sent {
		if unclean(s) {
			return wrong("lead.answer.unclean")
		}
	}
	switch f.Kind {
	case Several:
		for _, s := range sent {
			if s = strings.TrimSpace(s); s == "" {
				continue
			}
			if !slices.Contains(f.Options, s) {
				return wrong("lead.answer.option")
			}
			if !slices.Contains(a.Values, s) {
				a.Values = append(a.Values, s)
			}
		}
	case Consent:
		if first != "" && first != "no" && first != "false" {
			a.Values = []string{"yes"}
		}
	case Long:
		if s := paragraph(first); s != "" {
			if text.Graphemes(s) > maxLong {
				return wrong("lead.answer.long", map[string]any{"most": maxLong})
			}
			a.Values = []string{s}
		}
	default:
		s := line(first)
		if s == "" {
			break
		}
		ok := true
		switch f.Kind {
		case Email:
			if s, ok = tidyEmail(s); !ok {
				return wrong("lead.answer.email")
			}
		case Phone:
			if _, ok = tidyPhone(s); !ok {
				return wrong("lead.answer.phone")
			}
		case Choice:
			if !slices.Contains(f.Options, s) {
				return wrong("lead.answer.option")
			}
		case Number:
			n := strings.Replace(s, ",", ".", 1)
			if v, err := strconv.ParseFloat(n, 64); err != nil || v != v || v > 1e12 || v < -1e12 {
				return wrong("lead.answer.number")
			}
			s = n
		case Date:
			if _, err := time.Parse(time.DateOnly, s); err != nil {
				return wrong("lead.answer.date")
			}
		case File:
			return a, nil // it comes on its own way
		default:
			if text.Graphemes(s) > maxShort {
				return wrong("lead.answer.long", map[string]any{"most": maxShort})
			}
		}
		a.Values = []string{s}
	}
	if f.Required && f.Kind != File && len(a.Values) == 0 {
		if f.Kind == Consent {
			return wrong("lead.answer.consent")
		}
		return wrong("lead.answer.missing")
	}
	return a, nil
}

// ReadAnswers makes answers of what was sent, by the keys of the fields; everything wrong is told together.
func ReadAnswers(fields []Field, sent map[string][]string) ([]Answer, error) {
	var out []Answer
	var wrong []fault.Field
	for _, f := range fields {
		a, w := f.read(sent[f.Key])
		wrong = append(wrong, w...)
		if len(a.Values) > 0 {
			out = append(out, a)
		}
	}
	return out, fault.InvalidFields(wrong...)
}

// reach finds in answers who it is and how they are reached.
func reach(answers []Answer) (name, email, phone string) {
	for _, a := range answers {
		if len(a.Values) == 0 {
			continue
		}
		switch {
		case a.Kind == Email && email == "":
			email = a.Values[0]
		case a.Kind == Phone && phone == "":
			phone = a.Values[0]
		case a.Key == NameKey && a.Kind == Short:
			name = a.Values[0]
		}
	}
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if name == "" {
		name = phone
	}
	return name, email, phone
}

func itoa(n int) string { return strconv.Itoa(n) }
