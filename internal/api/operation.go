package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ponte-desk/ponte/internal/team"
)

// operation is what one can ask for, and how it is to be treated.
type operation struct {
	id, method, path string // path below Prefix
	tag              string
	summary          string
	description      string
	needs            team.Permission // and scope; "" for every token
	own              bool            // members whose role lacks it do it with what is their own, with the same scope
	status           int             // of a good answer; 0: 200, or 204 where nothing is said
	conflict         string          // what a 409 is about; "" when there is none beside the key's
	calls            bool            // calls a network or takes a file: never inside a transaction
	upload           bool            // takes a form with a file
	produces         string          // the format of an answer that is not JSON
}

const metadataKey = "ponte"

func operationOf(op *huma.Operation) *operation {
	o, _ := op.Metadata[metadataKey].(*operation)
	return o
}

// nothing is the input, or the output, of operations without any.
type nothing struct{}

// output wraps the body of an answer.
type output[T any] struct{ Body T }

func answer[T any](body T) *output[T] { return &output[T]{Body: body} }

func (o *output[T]) body() any { return o.Body }

// streamed is an answer that the handler writes itself.
type streamed struct {
	Body func(huma.Context)
}

// describeBody says what an operation answers with when all goes well.
func (a *API) describeBody(op *huma.Operation, out reflect.Type) {
	f, ok := out.FieldByName("Body")
	if !ok || f.Type.Kind() == reflect.Func {
		return
	}
	good := op.Responses[strconv.Itoa(op.DefaultStatus)]
	if good.Content == nil {
		good.Content = map[string]*huma.MediaType{"application/json": {}}
	}
	if m := good.Content["application/json"]; m != nil {
		m.Schema = huma.SchemaFromField(a.huma.OpenAPI().Components.Schemas, f, out.Name()+f.Name)
	}
}

// add registers an operation.
func add[I, O any](a *API, o operation, h func(ctx context.Context, c *caller, in *I) (*O, error)) {
	a.add(&o, reflect.TypeFor[I](), reflect.TypeFor[O](), func(ctx context.Context, c *caller, in any) (any, error) {
		return h(ctx, c, in.(*I))
	})
}

func (a *API) add(o *operation, in, out reflect.Type, h func(ctx context.Context, c *caller, in any) (any, error)) {
	op := &huma.Operation{
		OperationID: o.id, Method: o.method, Path: Prefix + o.path, Tags: []string{o.tag}, Summary: o.summary,
		Description: o.describe(), DefaultStatus: o.status, Responses: map[string]*huma.Response{},
		Security: []map[string][]string{{"bearer": o.scopes()}},
		Metadata: map[string]any{metadataKey: o},
	}
	if o.own {
		op.Extensions = map[string]any{"x-own": true}
	}
	if op.DefaultStatus == 0 {
		op.DefaultStatus = http.StatusOK
		if out == reflect.TypeFor[nothing]() {
			op.DefaultStatus = http.StatusNoContent
		}
	}
	if o.method == http.MethodPost {
		op.Parameters = append(op.Parameters, idempotencyKey)
	}
	op.Parameters = append(op.Parameters, acceptLanguage)
	a.describeAnswers(op, *o)
	a.describeBody(op, out)
	takes := a.describeInput(op, in)
	a.huma.OpenAPI().AddOperation(op)
	a.huma.Adapter().Handle(op, a.huma.Middlewares().Handler(func(ctx huma.Context) {
		v, status, wrong := a.read(ctx, takes)
		if len(wrong) > 0 {
			_ = huma.WriteErr(a.huma, ctx, status, "validation failed", wrong...) // the caller may be gone
			return
		}
		c := callerOf(ctx.Context())
		answer, err := h(ctx.Context(), c, v.Interface())
		if err != nil {
			r, rw := humago.Unwrap(ctx)
			a.refuse(rw, r, err)
			return
		}
		a.write(ctx, op.DefaultStatus, answer)
	}))
}

func (o operation) scopes() []string {
	if o.needs == "" {
		return []string{}
	}
	return []string{string(o.needs)}
}

func (o operation) describe() string {
	var b strings.Builder
	b.WriteString(o.description)
	if o.needs == "" {
		b.WriteString("\n\nEvery token may.")
		return b.String()
	}
	var roles []string
	for _, r := range team.Roles {
		if r.Can(o.needs) {
			roles = append(roles, string(r))
		}
	}
	fmt.Fprintf(&b, "\n\nNeeds the scope `%s`. Roles that may: %s.", o.needs, strings.Join(roles, ", "))
	if o.own {
		b.WriteString(" Members in any other role may with what is their own, with a token of the same scope: " +
			"the cases they are in charge of or have a task in, and the promises they keep.")
	}
	return b.String()
}

var (
	idempotencyKey = &huma.Param{
		Name: "Idempotency-Key", In: "header", Example: "5f0c7a1e-4d0c-4b7e-9d55-0c3f4d5f8a11",
		Description: "Chosen by the caller, 1 to 255 visible ASCII characters. The same request with the same key gets the same answer for 24 hours " +
			"(with the header `Idempotency-Replayed: true`) and is done once. Only good answers are remembered: after an error nothing was changed and the key is free.",
		Schema: &huma.Schema{Type: huma.TypeString},
	}
	acceptLanguage = &huma.Param{
		Name: "Accept-Language", In: "header", Example: "en", Description: "The language of what people read: `it` or `en`. Italian when none fits.",
		Schema: &huma.Schema{Type: huma.TypeString},
	}
)

// describeAnswers says how an operation may go.
func (a *API) describeAnswers(op *huma.Operation, o operation) {
	reg := a.huma.OpenAPI().Components.Schemas
	schema := reg.Schema(problemType, true, "Problem")
	reference := &huma.Param{Description: "Reference under which the server's log knows this request.", Schema: &huma.Schema{Type: huma.TypeString}}
	say := func(status int, text string) {
		if r := a.said[text]; r != nil { // most are said of many
			op.Responses[strconv.Itoa(status)] = r
			return
		}
		r := &huma.Response{
			Description: text, Headers: map[string]*huma.Param{"X-Request-Id": reference},
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
		switch status {
		case http.StatusUnauthorized, http.StatusForbidden:
			r.Headers["WWW-Authenticate"] = &huma.Param{Description: "Which token is wanted (RFC 6750).", Schema: &huma.Schema{Type: huma.TypeString}}
		case http.StatusTooManyRequests:
			r.Headers["Retry-After"] = &huma.Param{Description: "Seconds to wait.", Schema: &huma.Schema{Type: huma.TypeInteger}}
		}
		op.Responses[strconv.Itoa(status)], a.said[text] = r, r
	}
	good := &huma.Response{Description: "Done.", Headers: map[string]*huma.Param{"X-Request-Id": reference}}
	if op.DefaultStatus == http.StatusOK {
		good.Description = "Here it is."
	}
	if o.produces != "" {
		good.Content = map[string]*huma.MediaType{o.produces: {}}
	}
	op.Responses[strconv.Itoa(op.DefaultStatus)] = good
	say(http.StatusBadRequest, "The request cannot be read: not JSON, text that is not UTF-8, or a key of a wrong form.")
	say(http.StatusUnauthorized, "No token, or one that does not work any more.")
	if o.needs != "" {
		say(http.StatusForbidden, "The token lacks the scope, or the member's role does not allow this.")
	}
	if strings.Contains(o.path, "{") || o.method != http.MethodGet {
		say(http.StatusNotFound, "No such thing, or not in this company.")
	}
	conflict := o.conflict
	if o.method == http.MethodPost {
		conflict = strings.TrimSpace(conflict + " The Idempotency-Key came with another request before, or the same request is still being worked on.")
	}
	if conflict != "" {
		say(http.StatusConflict, conflict)
	}
	if o.method != http.MethodGet && o.method != http.MethodDelete {
		say(http.StatusRequestEntityTooLarge, "More than is taken.")
		say(http.StatusUnsupportedMediaType, "Another format than the described one.")
	}
	say(http.StatusUnprocessableEntity, "Something in the request is not right: fields say what.")
	say(http.StatusTooManyRequests, "Too many requests.")
	say(http.StatusInternalServerError, "Something broke on the server.")
	if o.calls && !o.upload {
		say(http.StatusBadGateway, "The network, or its server, did not answer as it should.")
	}
}

// list is a whole list.
type list[T any] struct {
	Items []T `json:"items" nullable:"false" doc:"All of them."`
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false" doc:"This page."`
	Next  string `json:"next,omitempty" example:"MTc3MjQ0MTIwMDAwMDAwMCBjbnZfMDFrang" doc:"Give it as cursor to get the next page; absent on the last one."`
}

// Paging is how pages are asked for.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"512" doc:"What the page before gave as next; leave it out for the first page."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30" doc:"How many items a page has at most."`
}

// each converts the items of a list; it is never nil, so that an empty list is written as one.
func each[T, U any](in []T, f func(T) U) []U {
	out := make([]U, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// when writes a time in UTC, and leaves it out when there is none.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// strs writes typed text as text; it is never nil.
func strs[T ~string](in []T) []string {
	out := make([]string, 0, len(in))
	for _, v := range in {
		out = append(out, string(v))
	}
	return slices.Clip(out)
}
