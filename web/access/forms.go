package access

import "html/template"

// The forms, without the frame that every page has.
var (
	signInPage = template.Must(template.New("sign in").Parse(`<h1>Sign in</h1>
{{if .Link}}<form method="post" action="/sign-in">
<input type="hidden" name="link" value="{{.Link}}"><input type="hidden" name="next" value="{{.Next}}">
<p>This link is good once.</p><button type="submit">Sign in</button>
</form>
{{else}}{{if .Provider}}<p><a class="button" href="/sign-in/provider?next={{.Next}}">Sign in with your organisation</a></p>{{end}}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="{{.Next}}">
<p><label>A token of yours <input type="password" name="token" required autocomplete="current-password"></label></p>
<button type="submit">Sign in</button>
</form>
<p>Or open a link that was made for you: <code>clew user link NAME</code> makes one that is good once.</p>{{end}}
`))

	purposePage = template.Must(template.New("purpose").Parse(`<h1>Why do you look into {{if .Case}}case {{.Case}}{{else}}these cases{{end}}?</h1>
<p>{{if .Case}}It belongs to another team.{{else}}Some belong to other teams.{{end}} What you write is kept with everything that you look at there, and auditors read it.</p>
<form method="post" action="/purpose">
<input type="hidden" name="case" value="{{.Case}}"><input type="hidden" name="next" value="{{.Next}}">
<p><label>Purpose <input name="why" required maxlength="1000" size="60"></label></p>
<button type="submit">Go on</button>
</form>
`))

	peoplePage = template.Must(template.New("people").Parse(`<h1>People</h1>
<p>Who may come in, in which role, and into which cases. All of it stands in the log, with who decided it.</p>
{{$roles := .Roles}}{{$key := .Key}}<div class="scroll"><table><thead><tr><th scope="col">User</th><th scope="col">Role</th><th scope="col">Cases</th><th scope="col">Signed in</th><th scope="col">Tokens</th><th scope="col">Decide</th></tr></thead><tbody>
{{range .People}}{{$u := .User.User}}<tr><th scope="row">{{$u}}{{with .Identity}} <span class="quiet small">{{.}}</span>{{end}}</th>
<td><form class="plain" method="post" action="/people/role"><input type="hidden" name="user" value="{{$u}}"><select name="role" aria-label="Role of {{$u}}">{{$now := .Role}}{{range $roles}}<option{{if eq (print .) $now}} selected{{end}}>{{.}}</option>{{end}}</select> <button>Give</button></form></td>
<td>{{range .Cases}}<form class="plain" method="post" action="/people/leave"><input type="hidden" name="user" value="{{$u}}"><input type="hidden" name="case" value="{{.}}">{{.}} <button aria-label="Take {{$u}} off {{.}}">Off</button></form> {{end}}
<form class="plain" method="post" action="/people/join"><input type="hidden" name="user" value="{{$u}}"><input name="case" size="10" required aria-label="A case for {{$u}}"> <button>Put on</button></form></td>
<td>{{if .In}}yes{{else}}no{{end}}</td>
<td>{{range .Tokens}}<form class="plain" method="post" action="/people/revoke"><input type="hidden" name="user" value="{{$u}}"><input type="hidden" name="token" value="{{.Token}}">{{.Token}} until {{.Expires}}{{if .ReadOnly}}, reading only{{end}} <button>Revoke</button></form> {{end}}</td>
<td><form class="plain" method="post" action="/people/link"><input type="hidden" name="user" value="{{$u}}"><button>Make a sign-in link</button></form>
<form class="plain" method="post" action="/people/remove"><input type="hidden" name="user" value="{{$u}}"><button>Remove</button></form></td></tr>
{{end}}</tbody></table></div>
<h2>Let somebody in</h2>
<form method="post" action="/people/add"><input type="hidden" name="key" value="{{$key}}">
<div class="field"><label for="user">User</label><p class="hint">It stands beside every record of his: letters, digits and - _ . @ +</p><input id="user" name="user" required maxlength="64"></div>
<div class="field"><label for="role">Role</label><select id="role" name="role">{{range $roles}}<option>{{.}}</option>{{end}}</select></div>
<div class="field"><label for="identity">Identity, where there is an identity provider</label><input id="identity" name="identity" maxlength="256"></div>
<p class="actions"><button class="main" type="submit">Let in</button></p></form>
`))

	historyPage = template.Must(template.New("history").Parse(`<h1>Who was let in</h1>
<p>What was decided about who may come in, by whom and when, the newest first. All of it is under the proofs of the log.</p>
<form method="get"><div class="field"><label for="user">User</label><input id="user" name="user" value="{{.Of}}"></div><button>Show</button></form>
<div class="scroll"><table><thead><tr><th scope="col">Position</th><th scope="col">When</th><th scope="col">By</th><th scope="col">What</th></tr></thead><tbody>
{{range .List}}<tr><td>{{.Position}}</td><td>{{.At}}</td><td>{{.By}}</td><td>{{.Text}}</td></tr>
{{end}}</tbody></table></div>
`))

	linkPage = template.Must(template.New("link").Parse(`<h1>A link for {{.User}}</h1>
<p>It lets {{.User}} in once, within {{.Minutes}} minutes, and is shown here only now. Whoever has it is let in as {{.User}}: hand it over yourself.</p>
<p><code>{{.Address}}</code></p>
<p><a href="/people">Back to the people</a></p>
`))

	mePage = template.Must(template.New("me").Parse(`<h1>{{.Who.Name}}</h1>
<p>You work as {{.Who.Role}}{{with .Who.Cases}}, on {{range $i, $c := .}}{{if $i}}, {{end}}<a href="/cases/{{$c}}">{{$c}}</a>{{end}}{{else}}, and are on no case{{end}}.</p>
{{if .Manages}}<p><a class="button" href="/people">People, roles and cases</a></p>{{end}}
{{if .Audits}}<p><a class="button" href="/people/history">Who was let in, by whom, since when</a></p>{{end}}
{{with .Secret}}<div class="note good" role="status"><p>The token is made. Its secret is shown only now: <code>{{.}}</code></p></div>{{end}}
<h2>Your tokens</h2>
<p>By a token a program acts for you, or you sign in yourself.</p>
{{$now := .Now}}{{if .Tokens}}<div class="scroll"><table><thead><tr><th scope="col">Token</th><th scope="col">Good until</th><th scope="col">For</th><th scope="col">End it</th></tr></thead><tbody>
{{range .Tokens}}<tr><th scope="row">{{.Token}}</th><td>{{.Expires}}{{if not ($now.Before .Expires.Time)}}, so no more{{end}}</td><td>{{if .ReadOnly}}reading{{else}}reading and recording{{end}}{{with .Cases}} in {{range .}}{{.}} {{end}}{{end}}</td>
<td><form class="plain" method="post" action="/me/revoke"><input type="hidden" name="token" value="{{.Token}}"><button>Revoke</button></form></td></tr>
{{end}}</tbody></table></div>{{end}}
<form method="post" action="/me/token">
<div class="field"><label for="token">A new token's name</label><input id="token" name="token" required maxlength="64"></div>
<div class="field"><label for="days">Days it is good</label><input id="days" name="days" type="number" min="1" max="366" value="90"></div>
<p><label><input type="checkbox" name="read_only" value="1"> It can change nothing</label></p>
<p class="actions"><button class="main" type="submit">Make it</button></p></form>
`))
)
