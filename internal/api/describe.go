package api

import "github.com/danielgtaylor/huma/v2"

// description opens the description of the API.
const description = "What the screen can do, the API can do, under the same permissions. Every request carries a token " +
	"(`Authorization: Bearer pnt_...`); cookies count for nothing. Times are RFC 3339 in UTC, identifiers are texts. " +
	"Lists that may be long come in pages: give `next` of one page as `cursor` of the next. " +
	"Errors are problem+json (RFC 9457) in the caller's language, with a `code` for programs. " +
	"Unknown fields are refused. A POST may carry an `Idempotency-Key`, so that it can be sent again when the answer got lost."

// The rooms of the API.
const (
	tagMe            = "me"
	tagCompany       = "company"
	tagMembers       = "members"
	tagTokens        = "tokens"
	tagChannels      = "channels"
	tagConversations = "conversations"
	tagReplies       = "replies"
	tagSaved         = "saved replies"
	tagLabels        = "labels"
	tagMedia         = "media"
	tagImports       = "imports"
	tagPeople        = "people"
	tagCriticism     = "criticism"
	tagCases         = "cases"
	tagPromises      = "promises"
	tagTies          = "ties"
	tagPresence      = "presence"
	tagImprovements  = "improvements"
	tagGrowth        = "growth"
	tagPosts         = "posts"
	tagLeads         = "leads"
	tagLinks         = "links"
	tagResults       = "results"
	tagSite          = "site"
	tagWebhooks      = "webhooks"
	tagAudit         = "audit"
	tagEvents        = "events"
)

var tags = []*huma.Tag{
	{Name: tagMe, Description: "Who the token speaks for."},
	{Name: tagCompany, Description: "The company: name, zone, opening hours, how fast it wants to answer, whose replies are approved."},
	{Name: tagMembers, Description: "People of the company with a role, and invitations."},
	{Name: tagTokens, Description: "Tokens of this API. A person makes them on the screen; here they are listed and revoked."},
	{Name: tagChannels, Description: "Accounts of the company on networks, and their health."},
	{Name: tagConversations, Description: "What people write, and who is in charge."},
	{Name: tagReplies, Description: "Answers on their way: approval, delivery, trouble."},
	{Name: tagSaved, Description: "Texts that the team uses again."},
	{Name: tagLabels, Description: "The company's own words on conversations."},
	{Name: tagImports, Description: "The platforms' own exports, brought in as past."},
	{Name: tagMedia, Description: "Files to attach to replies."},
	{Name: tagPeople, Description: "People outside, with their identities on networks."},
	{Name: tagCriticism, Description: "What people say is wrong: decided, compared, quoted."},
	{Name: tagCases, Description: "Criticism accepted as one matter: cause, owner, date, tasks, evidence."},
	{Name: tagPromises, Description: "What the company said that it would do."},
	{Name: tagPresence, Description: "The portrait of the company's own voice."},
	{Name: tagTies, Description: "Who is tied to whom round the company, and whom to involve."},
	{Name: tagImprovements, Description: "Public entries (you said, we did, it worked), and letters back to who raised it."},
	{Name: tagGrowth, Description: "The public page and the weekly post of the record's head. The record itself is public: see /record on the house's own address."},
	{Name: tagPosts, Description: "Messages written once and made for each network: drafts, approval, time, delivery, what they brought."},
	{Name: tagLeads, Description: "Who left a way to be reached, with what brought them and what became of it; forms, and what a good lead is."},
	{Name: tagLinks, Description: "Tracked links on the company's own address, their QR codes, and the visits they bring, counted without following anybody."},
	{Name: tagResults, Description: "What goes in and what comes out, and how sure that is; how safe it is, and on how few it rests."},
	{Name: tagSite, Description: "The company's own web site: what other people's pages say of it, whom its articles told, and comments."},
	{Name: tagWebhooks, Description: "Programs of the company's own that are told, signed as Standard Webhooks say, how its messages got out."},
	{Name: tagAudit, Description: "Who did what."},
	{Name: tagEvents, Description: "What changes, as it changes."},
}
