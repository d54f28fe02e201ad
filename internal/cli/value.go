package cli

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// IsBool tells whether a flag is said without a value.
func (w *word) IsBool() bool { return w.into.Kind() == reflect.Bool }

// String implements pflag.Value.
func (w *word) String() string {
	if !w.into.IsValid() { // pflag asks a zero value
		return ""
	}
	return fmt.Sprint(w.into.Interface())
}

// Type implements pflag.Value.
func (w *word) Type() string { return w.into.Kind().String() }

// Set implements pflag.Value: text is one value, or several with commas in between for a list, or with semicolons for a list of NAME=VALUE. Said again, a list grows.
func (w *word) Set(text string) error {
	first := !w.changed
	w.changed = true
	v := w.into
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		switch strings.ToLower(text) {
		case "true", "1", "yes":
			v.SetBool(true)
		case "false", "0", "no":
			v.SetBool(false)
		default:
			return errors.New("neither yes nor no")
		}
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		v.SetUint(n)
		return err
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return err
	case reflect.Slice: // of strings
		if first {
			v.SetZero()
		}
		parts := []string{text}
		if !w.oneByOne {
			parts = strings.Split(text, ",")
		}
		v.Set(reflect.AppendSlice(v, reflect.ValueOf(parts)))
	case reflect.Map: // of strings
		if first || v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for pair := range strings.SplitSeq(text, ";") {
			name, value, ok := strings.Cut(pair, "=")
			if !ok {
				return errors.New("no = in it")
			}
			v.SetMapIndex(reflect.ValueOf(name), reflect.ValueOf(value))
		}
	default:
		panic("cli: a flag of the type " + v.Type().String()) // of a struct of ours
	}
	return nil
}
