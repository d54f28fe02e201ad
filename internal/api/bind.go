package api

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// The framework describes, checks and writes. Its own registration is made anew for each kind of input, 25 kB a time, so
// what it does with an input stands here once: `path` and `query` say where a field comes from, Body is the body.

// param is a field of an input that comes with the address.
type param struct {
	index     []int
	in, name  string // in: path or query
	otherwise string // the value of one that is not there
	required  bool
	schema    *huma.Schema
}

// input is what an operation takes in.
type input struct {
	kind     reflect.Type
	params   []param
	queries  map[string]bool // all that may stand behind the question mark
	body     []int           // nil without
	required bool            // whether there has to be a body
	schema   *huma.Schema    // of the body
	defaults []param         // fields of the body that have a value when they are not there; indexes within the body
}

// describeInput finds out what an operation takes in, and says it in the description.
func (a *API) describeInput(op *huma.Operation, kind reflect.Type) input {
	known := a.huma.OpenAPI().Components.Schemas
	in := input{kind: kind, queries: map[string]bool{}}
	in.describeParams(op, known, kind, nil)
	f, ok := kind.FieldByName("Body")
	if !ok {
		return in
	}
	hint := op.OperationID + "Request"
	if kind.Name() != "" {
		hint = kind.Name() + f.Name
	}
	in.body, in.required = f.Index, f.Type.Kind() != reflect.Pointer
	in.schema = huma.SchemaFromField(known, f, hint)
	in.schema.PrecomputeMessages()
	op.RequestBody = &huma.RequestBody{
		Required: in.required, Content: map[string]*huma.MediaType{"application/json": {Schema: in.schema}},
	}
	if f.Type.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(f.Type) {
			if d := f.Tag.Get("default"); d != "" {
				in.defaults = append(in.defaults, param{index: f.Index, otherwise: d})
			}
		}
	}
	return in
}

func (in *input) describeParams(op *huma.Operation, known huma.Registry, kind reflect.Type, above []int) {
	for i := range kind.NumField() {
		f := kind.Field(i)
		index := append(append([]int{}, above...), i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			in.describeParams(op, known, f.Type, index)
			continue
		}
		p := param{index: index, otherwise: f.Tag.Get("default")}
		var many *bool
		if p.name = f.Tag.Get("path"); p.name != "" {
			p.in, p.required = "path", true
		} else if p.name = f.Tag.Get("query"); p.name != "" {
			p.in, p.required, many = "query", f.Tag.Get("required") == "true", new(bool) // several stand apart by commas
			in.queries[p.name] = true
		} else {
			continue
		}
		p.schema = huma.SchemaFromField(known, f, "")
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: p.name, In: p.in, Description: p.schema.Description, Required: p.required, Schema: p.schema, Explode: many,
		})
		in.params = append(in.params, p)
	}
}

// read makes the input of a request: a pointer to the operation's kind of it. The status is that of the answer when
// there are errors.
func (a *API) read(ctx huma.Context, in input) (v reflect.Value, status int, wrong []error) {
	known := a.huma.OpenAPI().Components.Schemas
	v = reflect.New(in.kind)
	found, at := &huma.ValidateResult{}, huma.NewPathBuffer(nil, 0)
	u := ctx.URL()
	for name := range u.Query() {
		if !in.queries[name] {
			found.Add(under(at, "query", name), "", "unknown query parameter")
		}
	}
	for _, p := range in.params {
		said := ctx.Param(p.name)
		if p.in == "query" {
			said = ctx.Query(p.name)
		}
		if said == "" {
			said = p.otherwise
		}
		under(at, p.in, p.name)
		if said == "" {
			if p.required {
				found.Add(at, "", "required "+p.in+" parameter is missing")
			}
			continue
		}
		value, err := fill(v.Elem().FieldByIndex(p.index), said)
		if err != nil {
			found.Add(at, said, err.Error())
			continue
		}
		huma.Validate(known, p.schema, at, huma.ModeWriteToServer, value, found)
	}
	status = http.StatusUnprocessableEntity
	if in.body != nil {
		if s := a.readBody(ctx, in, v.Elem().FieldByIndex(in.body), at, found); s != 0 {
			status = s
		}
	}
	return v, status, found.Errors
}

// readBody reads the body into a field. It gives the status of the answer when there is an error that has its own.
func (a *API) readBody(ctx huma.Context, in input, f reflect.Value, at *huma.PathBuffer, found *huma.ValidateResult) int {
	body, err := io.ReadAll(ctx.BodyReader()) // it is in memory already
	at.Reset()
	at.Push("body")
	if err != nil || len(body) == 0 {
		if err != nil || in.required {
			found.Add(at, nil, "request body is required")
			return http.StatusBadRequest
		}
		return 0
	}
	format := ctx.Header("Content-Type")
	if format == "" {
		format = "application/json"
	}
	var free any
	if err := a.huma.Unmarshal(format, body, &free); err != nil {
		found.Add(at, nil, err.Error())
		if errors.Is(err, huma.ErrUnknownContentType) {
			return http.StatusUnsupportedMediaType
		}
		return http.StatusBadRequest
	}
	before := len(found.Errors)
	huma.Validate(a.huma.OpenAPI().Components.Schemas, in.schema, at, huma.ModeWriteToServer, free, found)
	if err := a.huma.Unmarshal(format, body, f.Addr().Interface()); err != nil && len(found.Errors) == before {
		at.Reset()
		at.Push("body")
		found.Add(at, nil, err.Error())
	}
	for _, p := range in.defaults {
		if d := f.FieldByIndex(p.index); d.IsZero() {
			_, _ = fill(d, p.otherwise) // written by us
		}
	}
	return 0
}

func under(at *huma.PathBuffer, in, name string) *huma.PathBuffer {
	at.Reset()
	at.Push(in)
	at.Push(name)
	return at
}

// fill gives a field the value that a text says, and gives that value as the framework checks it.
func fill(f reflect.Value, said string) (any, error) {
	if t, ok := f.Addr().Interface().(*time.Time); ok {
		var err error
		if *t, err = time.Parse(time.RFC3339Nano, said); err != nil {
			return nil, errors.New("invalid date/time for format " + time.RFC3339Nano)
		}
		return said, nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(said)
		return said, nil
	case reflect.Bool:
		b, err := strconv.ParseBool(said)
		if err != nil {
			return nil, errors.New("invalid boolean")
		}
		f.SetBool(b)
		return b, nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(said, 10, 64)
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		f.SetInt(n)
		return n, nil
	case reflect.Slice:
		if f.Type().Elem().Kind() == reflect.String {
			all := strings.Split(said, ",")
			f.Set(reflect.ValueOf(all).Convert(f.Type()))
			return all, nil
		}
	}
	panic("api: a " + f.Type().String() + " cannot stand in an address")
}

// write answers. Nothing is said for an answer without a body.
func (a *API) write(ctx huma.Context, status int, out any) {
	switch out := out.(type) {
	case *streamed:
		out.Body(ctx)
	case interface{ body() any }:
		format, err := a.huma.Negotiate(ctx.Header("Accept"))
		if err != nil {
			_ = huma.WriteErr(a.huma, ctx, http.StatusNotAcceptable, "unable to marshal response", err) // the caller may be gone
			return
		}
		ctx.SetHeader("Content-Type", format)
		ctx.SetStatus(status)
		if err := a.huma.Marshal(ctx.BodyWriter(), format, out.body()); err != nil {
			visitOf(ctx.Context()).err = err // the answer has begun: it ends short, and the log says why
		}
	default:
		ctx.SetStatus(status)
	}
}
