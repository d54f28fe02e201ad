package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/signin"
)

var problemType = reflect.TypeFor[Problem]()

// Problem is an error as programs and people read it (RFC 9457).
type Problem struct {
	Type    string         `json:"type" example:"about:blank" doc:"Always about:blank: code tells what it is."`
	Title   string         `json:"title" example:"Something in what you wrote is not right." doc:"What happened, in the caller's language (Accept-Language: it or en)."`
	Status  int            `json:"status" example:"422" doc:"The HTTP status."`
	Detail  string         `json:"detail,omitempty" example:"Look at the marked fields and put them right: the rest stayed as it was." doc:"What to do about it, in the caller's language."`
	Code    string         `json:"code" example:"fault.fields" doc:"What happened, for programs. It never changes and is the same in every language."`
	Request string         `json:"request" example:"req_01kjpzx2p0000000000000000a" doc:"Reference under which the server's log knows this request."`
	Retry   int            `json:"retry_after,omitempty" example:"2" doc:"Seconds after which it may be tried again, as in the header Retry-After."`
	Fields  []ProblemField `json:"fields,omitempty" nullable:"false" doc:"Every wrong field of the request, all at once."`
	// Of answers only.
	Promises []Noticed `json:"promises,omitempty" nullable:"false" doc:"With the code growth.promise.asked: what the text seems to promise."`

	cause  error
	header http.Header
}

// ProblemField is one wrong field.
type ProblemField struct {
	Name    string `json:"name" example:"text" doc:"The field, as it is named in the request; a path such as hours.monday[0].from inside objects."`
	Code    string `json:"code" example:"inbox.reply.long" doc:"What is wrong, for programs."`
	Message string `json:"message" example:"The answer is 12 characters too long." doc:"What is wrong and how to put it right, in the caller's language."`
}

// Error implements error with text for the log.
func (p *Problem) Error() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return p.Code
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus lets the framework answer with the status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders lets the framework answer with the headers.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType lets the framework name the format.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf turns an error into a status.
func statusOf(e *fault.Error) int {
	switch {
	case errors.Is(e, errNoBearer), errors.Is(e, signin.ErrBearer):
		return http.StatusUnauthorized
	case errors.Is(e, errTooBig):
		return http.StatusRequestEntityTooLarge
	case errors.Is(e, errMediaType):
		return http.StatusUnsupportedMediaType
	case errors.Is(e, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(e, errBody), errors.Is(e, errText), errors.Is(e, once.ErrKey):
		return http.StatusBadRequest
	}
	switch e.Kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Upstream:
		return http.StatusBadGateway
	default:
		return http.StatusInternalServerError
	}
}

// problem says an error in the caller's language.
func problem(v *visit, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	v.err = err
	e := fault.Of(err)
	p = &Problem{Type: "about:blank", Status: statusOf(e), Code: e.Key, Request: v.id, cause: err, header: http.Header{}}
	said := e
	if e.Kind == fault.Internal && !v.words.Has(e.Key) {
		said = errUnexpected
		p.Code = errUnexpected.Key
	}
	if e.RetryAfter > 0 {
		p.Retry = int(math.Ceil(e.RetryAfter.Seconds()))
		p.header.Set("Retry-After", strconv.Itoa(p.Retry))
		said = said.With("wait", v.words.Span(time.Duration(p.Retry)*time.Second))
	} else if e.Kind == fault.Limited {
		p.Retry = 1
		p.header.Set("Retry-After", "1")
	}
	p.Title, p.Detail = v.words.Error(said)
	for _, f := range e.Fields {
		p.Fields = append(p.Fields, ProblemField{Name: f.Name, Code: f.Key, Message: sayField(v.words, f)})
	}
	switch p.Status {
	case http.StatusUnauthorized:
		p.header.Set("WWW-Authenticate", `Bearer realm="Ponte"`)
	case http.StatusForbidden:
		if scope, ok := e.Args["scope"].(string); ok {
			p.header.Set("WWW-Authenticate", `Bearer realm="Ponte", error="insufficient_scope", scope="`+scope+`"`)
		}
	}
	return p
}

// sayField says what is wrong with a field and how to put it right.
func sayField(l *i18n.Localizer, f fault.Field) string {
	s := l.T(f.Key, f.Args)
	if l.Has(f.Key + ".remedy") {
		s += " " + l.T(f.Key+".remedy", f.Args)
	}
	return s
}

// renamed names a wrong field as the request names it, where the room below has another word.
func renamed(err error, from, to string) error {
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	fields := slices.Clone(e.Fields)
	for i, f := range fields {
		if f.Name == from {
			fields[i].Name = to
		}
	}
	out := *e
	out.Fields, out.Err = fields, err
	return &out
}

// refuse answers with an error outside of the framework.
func (a *API) refuse(rw http.ResponseWriter, r *http.Request, err error) {
	p := problem(visitOf(r.Context()), err)
	for k, vs := range p.header {
		rw.Header()[k] = vs
	}
	rw.Header().Set("Content-Type", p.ContentType(""))
	b, err := json.Marshal(p)
	if err != nil {
		b = []byte("{}")
	}
	rw.WriteHeader(p.Status)
	_, _ = rw.Write(b) // the caller may be gone
}

// sayFramework turns the framework's own errors, which are about the form of a request, into ours. What was sent is
// never sent back: it may be a secret.
func (a *API) sayFramework(ctx huma.Context, status string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	visit := visitOf(ctx.Context())
	var e *fault.Error
	switch status {
	case "400":
		e = errBody
	case "413":
		e = errTooBig.With("most", maxBody>>10)
	case "415":
		e = errMediaType.With("type", "application/json")
	case "422":
		var fields []fault.Field
		for _, d := range m.Errors {
			fields = append(fields, fieldOf(d))
		}
		e = fault.Of(fault.InvalidFields(fields...))
		if e == nil {
			e = errBody
		}
	default:
		e = errUnexpected.Because(m)
	}
	p := problem(visit, e)
	p.Status = m.Status
	return p, nil
}

// forms are what the framework says about the form of a field, by the words that its messages begin with.
var forms = []struct{ begins, key string }{
	{validation.MsgUnexpectedProperty, "api.field.unknown"},
	{"unknown query parameter", "api.field.unknown"},
	{cut(validation.MsgExpectedRequiredProperty), "api.field.missing"},
	{"required ", "api.field.missing"},
	{validation.MsgExpectedRFC3339DateTime, "api.field.time"},
	{"invalid date/time", "api.field.time"},
	{validation.MsgExpectedBoolean, "api.field.boolean"},
	{"invalid boolean", "api.field.boolean"},
	{validation.MsgExpectedInteger, "api.field.integer"},
	{"invalid integer", "api.field.integer"},
	{cut(validation.MsgExpectedMinimumNumber), "api.field.range"},
	{cut(validation.MsgExpectedMaximumNumber), "api.field.range"},
	{validation.MsgExpectedNumber, "api.field.integer"},
	{cut(validation.MsgExpectedOneOf), "api.field.choice"},
	{cut(validation.MsgExpectedMinLength), "api.field.short"},
	{cut(validation.MsgExpectedMaxLength), "api.field.long"},
	{cut(validation.MsgExpectedMaxItems), "api.field.many"},
	{cut(validation.MsgExpectedMatchPattern), "api.field.pattern"},
	{cut(validation.MsgExpectedBePattern), "api.field.pattern"},
	{validation.MsgExpectedString, "api.field.string"},
	{validation.MsgExpectedArray, "api.field.array"},
	{validation.MsgExpectedObject, "api.field.object"},
}

// cut gives the part of a message before its first argument.
func cut(message string) string {
	before, _, _ := strings.Cut(message, "%")
	return before
}

// fieldOf says in our words what the framework found wrong with a field.
func fieldOf(d *huma.ErrorDetail) fault.Field {
	name := d.Location
	for _, where := range []string{"body.", "query.", "path.", "header."} {
		name = strings.TrimPrefix(name, where)
	}
	f := fault.Field{Name: name, Key: "api.field.wrong"}
	for _, form := range forms {
		if !strings.HasPrefix(d.Message, form.begins) {
			continue
		}
		f.Key = form.key
		// A missing field is named after the words; everything else is named by where it stands.
		if rest, ok := strings.CutPrefix(d.Message, cut(validation.MsgExpectedRequiredProperty)); ok {
			missing, _, _ := strings.Cut(rest, " ")
			f.Name = strings.TrimPrefix(strings.TrimPrefix(name+"."+missing, "body"), ".")
		}
		if rest, ok := strings.CutPrefix(d.Message, cut(validation.MsgExpectedOneOf)); ok {
			f.Args = map[string]any{"choices": strings.TrimSuffix(rest, `"`)}
		}
		break
	}
	return f
}
