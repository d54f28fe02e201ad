package i18n

import (
	"fmt"
	"reflect"
	"strings"
)

// fill writes values into a sentence: {{.name}} is a value, {{if .name}}…{{else if .name}}…{{else}}…{{end}} stands where the value is there and is neither zero nor empty. It is the part of
// text/template that sentences need, and not text/template because that finds methods by name while it runs: the linker must then keep every method of the whole program.
// An error names what is wrong with the sentence itself, whatever the values.
func fill(sentence string, values map[string]any) (string, error) {
	f := filler{values: values}
	var out strings.Builder
	rest, end, err := f.until(&out, sentence, true)
	if err == nil && end != "" {
		err = fmt.Errorf("{{%s}} without {{if}} before %q", end, rest)
	}
	return out.String(), err
}

type filler struct{ values map[string]any }

// until writes up to the mark that ends a branch, which it gives without its braces; "" at the end of the sentence. What is not chosen is read and not written.
func (f filler) until(out *strings.Builder, s string, chosen bool) (rest, end string, err error) {
	for {
		before, after, found := strings.Cut(s, "{{")
		if chosen {
			out.WriteString(before)
		}
		if !found {
			return "", "", nil
		}
		mark, after, found := strings.Cut(after, "}}")
		if !found {
			return "", "", fmt.Errorf("{{%s is not closed", mark)
		}
		s = after
		switch mark = strings.TrimSpace(mark); {
		case mark == "end" || mark == "else" || strings.HasPrefix(mark, "else if "):
			return s, mark, nil
		case strings.HasPrefix(mark, "if "):
			if s, err = f.branches(out, strings.TrimPrefix(mark, "if "), s, chosen); err != nil {
				return "", "", err
			}
		default:
			v, err := f.value(mark)
			if err != nil {
				return "", "", err
			}
			switch {
			case !chosen:
			case v == nil:
				out.WriteString("<no value>")
			default:
				fmt.Fprint(out, v)
			}
		}
	}
}

// branches writes the first branch whose condition holds, and gives what comes after {{end}}.
func (f filler) branches(out *strings.Builder, condition, s string, chosen bool) (rest string, err error) {
	open := chosen // whether a branch may still be taken
	for last := false; ; {
		take := open
		if !last {
			v, err := f.value(condition)
			if err != nil {
				return "", err
			}
			take = open && holds(v)
		}
		open = open && !take
		var end string
		if s, end, err = f.until(out, s, take); err != nil {
			return "", err
		}
		switch next, more := strings.CutPrefix(end, "else if "); {
		case end == "end":
			return s, nil
		case end == "" || last:
			return "", fmt.Errorf("{{if %s}} is not ended", condition)
		case more:
			condition = next
		default:
			last = true
		}
	}
}

// value is the value of .name; nil when there is none.
func (f filler) value(mark string) (any, error) {
	name, ok := strings.CutPrefix(strings.TrimSpace(mark), ".")
	if !ok || name == "" || strings.ContainsAny(name, " .|()$\"") {
		return nil, fmt.Errorf("{{%s}} is not understood", mark)
	}
	return f.values[name], nil
}

// holds tells whether a value is there and says something.
func holds(v any) bool {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Slice, reflect.Map:
		return r.Len() > 0
	default:
		return !r.IsZero()
	}
}
