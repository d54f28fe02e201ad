package fault

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
)

// Kind is what sort of trouble an error is; doors turn it into a status.
type Kind string

// The kinds of trouble.
const (
	Invalid  Kind = "invalid"  // the input is wrong: fields say where
	NotFound Kind = "notfound" // no such thing, or not for this actor to see
	Conflict Kind = "conflict" // someone else was faster, or it already is so
	Denied   Kind = "denied"   // this actor may not do that
	Limited  Kind = "limited"  // too much, too fast: RetryAfter says when
	Upstream Kind = "upstream" // a network or a server out there failed
	Internal Kind = "internal" // our own defect, or the machine's
)

// Field is one wrong field of an input. Key is a catalog key; the remedy stands at Key + ".remedy".
type Field struct {
	Name string
	Key  string
	Args map[string]any
}

// Error is the one error type that doors look for. Key is a message key of the catalog: the catalog
// holds what happened under Key and what to do about it under Key + ".remedy". Args fill the message and
// never carry secrets nor what people wrote. Err is the cause for the log; it is never shown.
type Error struct {
	Kind       Kind
	Key        string
	Args       map[string]any
	Fields     []Field
	RetryAfter time.Duration
	Err        error
}

// New makes an error of a kind with a catalog key.
func New(kind Kind, key string) *Error { return &Error{Kind: kind, Key: key} }

// InvalidFields makes one Invalid error of all the wrong fields, or nil when there are none.
func InvalidFields(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "fault.fields", Fields: fields}
}

// With returns a copy that fills name in the message with value.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	c.Args[name] = value
	return &c
}

// Because returns a copy with a cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Err = cause
	return &c
}

// After returns a copy that says how long to wait before trying again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error implements error with text for the log, never for people.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", e.Key, e.Kind)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " %s=%s", f.Name, f.Key)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is lets errors.Is compare by kind and key, so that a package can export an error to compare with.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Kind == e.Kind && t.Key == e.Key
}

// KindOf gives the kind of the first Error in the chain, Internal for any other error and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Of gives the first Error in the chain; any other error becomes an Internal one that hides it.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return New(Internal, "fault.internal").Because(err)
}
