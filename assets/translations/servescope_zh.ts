<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>AnswerButton</name>
    <message>
        <source>Measured: </source>
        <translation>实测：</translation>
    </message>
    <message>
        <source>Not measured: </source>
        <translation>未测得：</translation>
    </message>
</context>
<context>
    <name>ApplicationDialog</name>
    <message>
        <source>A WSGI application, as of Flask, Django, Bottle or Falcon, is served by every model. An ASGI application, as of FastAPI or Starlette, by those that can await it. It is called when the head of a request has come, and reads the body while its client sends it; where one loop reads from all clients, the body comes first, beyond 64 KiB into a temporary file.</source>
        <translation>WSGI 应用（如 Flask、Django、Bottle 或 Falcon 的）每个模型都能运行。ASGI 应用（如 FastAPI 或 Starlette 的）只有能 await 它的模型才能运行。请求头到齐后就调用应用，应用一边读请求体，客户端一边发送；如果由一个循环读取所有客户端，则先收完请求体，超过 64 KiB 的部分放在临时文件里。</translation>
    </message>
    <message>
        <source>Application</source>
        <translation>应用</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>环境</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Folder of the application</source>
        <translation>应用所在的文件夹</translation>
    </message>
    <message>
        <source>Folder of the environment</source>
        <translation>环境所在的文件夹</translation>
    </message>
    <message>
        <source>Your application</source>
        <translation>你的应用</translation>
    </message>
    <message>
        <source>module:callable, as shop:app</source>
        <translation>模块:可调用对象，如 shop:app</translation>
    </message>
    <message>
        <source>the activated one, or none</source>
        <translation>已激活的环境，没有则不用</translation>
    </message>
</context>
<context>
    <name>ByHandPanel</name>
    <message numerus="yes">
        <source>%Ln byte(s)</source>
        <translation>
            <numerusform>%Ln 字节</numerusform>
        </translation>
    </message>
    <message>
        <source>1 byte</source>
        <translation>1 字节</translation>
    </message>
    <message>
        <source>Break the connection off (RST): the server&apos;s next call on it fails</source>
        <translation>中断连接（RST）：服务器对它的下一次调用会失败</translation>
    </message>
    <message>
        <source>Bytes to send</source>
        <translation>要发送的字节</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Close the connection in order</source>
        <translation>正常关闭连接</translation>
    </message>
    <message>
        <source>Half-close</source>
        <translation>半关闭</translation>
    </message>
    <message>
        <source>Hold</source>
        <translation>暂停读取</translation>
    </message>
    <message>
        <source>No connection yet</source>
        <translation>还没有连接</translation>
    </message>
    <message>
        <source>Open a connection</source>
        <translation>打开一个连接</translation>
    </message>
    <message>
        <source>Open a connection, then send something.</source>
        <translation>先打开一个连接，再发送数据。</translation>
    </message>
    <message>
        <source>Open one more connection to {address}</source>
        <translation>再打开一个到 {address} 的连接</translation>
    </message>
    <message>
        <source>Read nothing of what comes back: a server that sends much has to wait</source>
        <translation>不读取返回的内容：发送很多数据的服务器只能等待</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Say that nothing more is sent (FIN); what comes back is read</source>
        <translation>声明不再发送（FIN）；返回的内容仍会读取</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Send all of it (Enter in the field)</source>
        <translation>全部发送（在输入框中按 Enter）</translation>
    </message>
    <message>
        <source>Send its first byte; the others stay in the field</source>
        <translation>发送第一个字节；其余的留在输入框中</translation>
    </message>
    <message>
        <source>The bytes to send. Line ends are \r\n, other bytes \x00; a line break here sends nothing.</source>
        <translation>要发送的字节。行尾写作 \r\n，其他字节写作 \x00；这里的换行不会发送。</translation>
    </message>
    <message>
        <source>The chosen connection</source>
        <translation>选中的连接</translation>
    </message>
    <message>
        <source>What to send</source>
        <translation>发送什么</translation>
    </message>
    <message>
        <source>connection {n}</source>
        <translation>连接 {n}</translation>
    </message>
    <message>
        <source>to {address}</source>
        <translation>到 {address}</translation>
    </message>
    <message>
        <source>{escape} stands for no byte; a backslash is written \\</source>
        <translation>{escape} 不代表任何字节；反斜杠写作 \\</translation>
    </message>
</context>
<context>
    <name>Canvas</name>
    <message>
        <source>Handling · {time}</source>
        <translation>处理 · {time}</translation>
    </message>
    <message>
        <source>Nothing to see yet.
Start a model and ask it for a page: each worker gets a lane here, or each connection.</source>
        <translation>还没有内容。
启动一个模型并访问它的网页：每个工作者或每个连接在这里占一条泳道。</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
    <message>
        <source>Wheel or + and -: zoom. Drag or arrow keys: move. Click: select the connection.</source>
        <translation>滚轮或 + 和 -：缩放。拖动或方向键：移动。单击：选中连接。</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>另有 %Ln 个</numerusform>
        </translation>
    </message>
    <message>
        <source>connection {n}</source>
        <translation>连接 {n}</translation>
    </message>
    <message>
        <source>connections in turn</source>
        <translation>依次出现的连接</translation>
    </message>
    <message>
        <source>from {time}</source>
        <translation>始于 {time}</translation>
    </message>
    <message>
        <source>greenlets in turn</source>
        <translation>依次出现的协程</translation>
    </message>
    <message>
        <source>line {line}</source>
        <translation>第 {line} 行</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>pid {pid}</source>
        <translation>pid {pid}</translation>
    </message>
    <message>
        <source>processes in turn</source>
        <translation>依次出现的进程</translation>
    </message>
    <message>
        <source>slow reader</source>
        <translation>慢读取者</translation>
    </message>
    <message>
        <source>slow sender</source>
        <translation>慢发送者</translation>
    </message>
    <message>
        <source>tasks in turn</source>
        <translation>依次出现的任务</translation>
    </message>
    <message>
        <source>the client had disconnected</source>
        <translation>客户端已断开</translation>
    </message>
    <message>
        <source>threads in turn</source>
        <translation>依次出现的线程</translation>
    </message>
    <message>
        <source>together</source>
        <translation>合为一条</translation>
    </message>
    <message>
        <source>workers in turn</source>
        <translation>依次出现的工作者</translation>
    </message>
    <message>
        <source>{client} by hand</source>
        <translation>{client}（手动）</translation>
    </message>
    <message>
        <source>{file}, line {line}</source>
        <translation>{file} 第 {line} 行</translation>
    </message>
    <message>
        <source>{name} of pid {pid}</source>
        <translation>进程 {pid} 的 {name}</translation>
    </message>
    <message>
        <source>{n} bytes</source>
        <translation>{n} 字节</translation>
    </message>
    <message>
        <source>{n} in sight</source>
        <translation>{n} 个可见</translation>
    </message>
    <message>
        <source>−{n} ms</source>
        <translation>−{n} ms</translation>
    </message>
    <message>
        <source>−{n} s</source>
        <translation>−{n} s</translation>
    </message>
</context>
<context>
    <name>Curtain</name>
    <message>
        <source>Show it anyway</source>
        <translation>直接显示</translation>
    </message>
    <message>
        <source>Show the picture without a guess</source>
        <translation>不猜，直接显示画面</translation>
    </message>
    <message>
        <source>The picture is shown when you have guessed.</source>
        <translation>先猜一猜，再看画面。</translation>
    </message>
</context>
<context>
    <name>Curves</name>
    <message>
        <source>failed: {rate}</source>
        <translation>失败：{rate}</translation>
    </message>
    <message>
        <source>no answers: {gap}</source>
        <translation>无响应：{gap}</translation>
    </message>
    <message>
        <source>nothing ran</source>
        <translation>无运行</translation>
    </message>
    <message>
        <source>{n} waiting for accept</source>
        <translation>{n} 个等待 accept</translation>
    </message>
    <message>
        <source>{seconds} s ago</source>
        <translation>{seconds} s 前</translation>
    </message>
</context>
<context>
    <name>DetailsDialog</name>
    <message>
        <source>Error output</source>
        <translation>错误输出</translation>
    </message>
</context>
<context>
    <name>DiffView</name>
    <message>
        <source>The other model&apos;s file</source>
        <translation>另一个模型的文件</translation>
    </message>
    <message>
        <source>This model&apos;s file</source>
        <translation>本模型的文件</translation>
    </message>
</context>
<context>
    <name>FileActions</name>
    <message>
        <source>Export the scoreboard</source>
        <translation>导出记分板</translation>
    </message>
    <message>
        <source>Open a recording</source>
        <translation>打开录制文件</translation>
    </message>
    <message>
        <source>Picture (*.png);;Drawing that can be scaled (*.svg)</source>
        <translation>图片 (*.png);;矢量图 (*.svg)</translation>
    </message>
    <message>
        <source>Record to</source>
        <translation>录制到</translation>
    </message>
    <message>
        <source>Recordings (*{suffix})</source>
        <translation>录制文件 (*{suffix})</translation>
    </message>
    <message>
        <source>Save the plots</source>
        <translation>保存曲线</translation>
    </message>
    <message>
        <source>Scoreboard</source>
        <translation>记分板</translation>
    </message>
    <message>
        <source>Table (*.csv);;Report with pictures (*.html)</source>
        <translation>表格 (*.csv);;带图的报告 (*.html)</translation>
    </message>
    <message>
        <source>The last minute</source>
        <translation>最近一分钟</translation>
    </message>
    <message>
        <source>“{name}” is there already. Replace it?</source>
        <translation>“{name}”已存在，要替换吗？</translation>
    </message>
</context>
<context>
    <name>FolderEdit</name>
    <message>
        <source>Choose: {name}</source>
        <translation>选择：{name}</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Folder to serve</source>
        <translation>要提供的文件夹</translation>
    </message>
</context>
<context>
    <name>GlossaryDialog</name>
    <message>
        <source>Filter the words</source>
        <translation>筛选术语</translation>
    </message>
    <message>
        <source>Glossary</source>
        <translation>术语表</translation>
    </message>
    <message>
        <source>No word has this in it.</source>
        <translation>没有包含这些字的术语。</translation>
    </message>
    <message>
        <source>The words and what they mean</source>
        <translation>术语及其含义</translation>
    </message>
</context>
<context>
    <name>HandController</name>
    <message numerus="yes">
        <source>%Ln are open, and no more can be: close one first.</source>
        <translation>
            <numerusform>已打开 %Ln 个，不能再多：请先关闭一个。</numerusform>
        </translation>
    </message>
    <message>
        <source>Client by hand</source>
        <translation>手动客户端</translation>
    </message>
    <message>
        <source>Drag its title to the side, to the bottom, or out of the window</source>
        <translation>拖动标题，可停靠在侧边、底部，或移出窗口</translation>
    </message>
    <message>
        <source>No server runs: start one first.</source>
        <translation>没有服务器在运行：请先启动一个。</translation>
    </message>
    <message>
        <source>This is a replay: it shows what was done.</source>
        <translation>这是回放：显示当时做了什么。</translation>
    </message>
</context>
<context>
    <name>Handle</name>
    <message>
        <source>Drag it to give either side more room</source>
        <translation>拖动以调整两侧大小</translation>
    </message>
    <message>
        <source>Handle</source>
        <translation>分隔条</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Address of the server: {url}</source>
        <translation>服务器地址：{url}</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>By hand</source>
        <translation>手动</translation>
    </message>
    <message>
        <source>Client by hand</source>
        <translation>手动客户端</translation>
    </message>
    <message>
        <source>Client by hand: open connections, send a part of a request, hold, reset (C)</source>
        <translation>手动客户端：打开连接、发送请求的一部分、暂停读取、重置（C）</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>复制地址</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>End the recording</source>
        <translation>结束录制</translation>
    </message>
    <message>
        <source>F11: end</source>
        <translation>F11：结束</translation>
    </message>
    <message>
        <source>F2 to F7, Page ↑ ↓: view · digits: model · M: list and load · L: load · S: slowly · F11: end</source>
        <translation>F2 至 F7、Page ↑ ↓：视图 · 数字：模型 · M：列表和负载 · L：负载 · S：慢放 · F11：结束</translation>
    </message>
    <message>
        <source>F2 to F7: view · M: list and load · L: load · S: slowly · F11: end</source>
        <translation>F2 至 F7：视图 · M：列表和负载 · L：负载 · S：慢放 · F11：结束</translation>
    </message>
    <message>
        <source>F2–F7: view · M: models · F11: end</source>
        <translation>F2–F7：视图 · M：模型 · F11：结束</translation>
    </message>
    <message>
        <source>Freeze</source>
        <translation>定格</translation>
    </message>
    <message>
        <source>Freeze the picture</source>
        <translation>定格画面</translation>
    </message>
    <message>
        <source>Freeze the picture; data keeps arriving (Space)</source>
        <translation>定格画面，数据继续到达（空格键）</translation>
    </message>
    <message>
        <source>Frozen</source>
        <translation>已定格</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>离开</translation>
    </message>
    <message>
        <source>Leave the replay, and show what runs (Ctrl+Enter)</source>
        <translation>离开回放，显示正在运行的内容（Ctrl+Enter）</translation>
    </message>
    <message>
        <source>Lessons</source>
        <translation>课程</translation>
    </message>
    <message>
        <source>Lessons: guess first, then see what happens</source>
        <translation>课程：先猜，再看结果</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>No second model</source>
        <translation>没有第二个模型</translation>
    </message>
    <message>
        <source>Open in the browser</source>
        <translation>在浏览器中打开</translation>
    </message>
    <message>
        <source>Present</source>
        <translation>演示</translation>
    </message>
    <message>
        <source>Present: bigger, and nothing but the picture, on the whole screen (F11)</source>
        <translation>演示：放大，全屏只留画面（F11）</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>录制</translation>
    </message>
    <message>
        <source>Record the data of engine and load …</source>
        <translation>录制引擎和负载的数据…</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>Replay a recording …</source>
        <translation>回放一段录制…</translation>
    </message>
    <message>
        <source>Replay · {models}</source>
        <translation>回放 · {models}</translation>
    </message>
    <message>
        <source>Running · {model}</source>
        <translation>运行中 · {model}</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Save the plots</source>
        <translation>保存曲线</translation>
    </message>
    <message>
        <source>Save the plots as a picture …</source>
        <translation>把曲线保存为图片…</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Settings: host, port, root folder (Ctrl+,)</source>
        <translation>设置：主机、端口、根文件夹（Ctrl+,）</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>Side by side: run a second model beside the chosen one</source>
        <translation>并排：在所选模型旁再运行一个模型</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>Start the server (Ctrl+Enter)</source>
        <translation>启动服务器（Ctrl+Enter）</translation>
    </message>
    <message>
        <source>Starting {model} …</source>
        <translation>正在启动{model}…</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop the server (Ctrl+Enter)</source>
        <translation>停止服务器（Ctrl+Enter）</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Stopping {model} …</source>
        <translation>正在停止{model}…</translation>
    </message>
    <message>
        <source>Switching to {model} …</source>
        <translation>正在切换到{model}…</translation>
    </message>
    <message>
        <source>The address is known once the server runs</source>
        <translation>服务器运行后才知道地址</translation>
    </message>
    <message>
        <source>The picture is frozen</source>
        <translation>画面已定格</translation>
    </message>
    <message>
        <source>The picture stands still (Space)</source>
        <translation>画面静止不动（空格键）</translation>
    </message>
    <message>
        <source>The same model, with “{setting}” the other way</source>
        <translation>同一模型，“{setting}”相反</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>What the server is doing</source>
        <translation>服务器在做什么</translation>
    </message>
    <message>
        <source>nothing runs</source>
        <translation>无运行</translation>
    </message>
    <message>
        <source>● Recording</source>
        <translation>● 录制中</translation>
    </message>
</context>
<context>
    <name>InviteDialog</name>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>If phones don&apos;t reach it: a firewall may be in the way (as root: ufw allow PORT/tcp), or a Wi-Fi for guests, which keeps its phones apart.</source>
        <translation>如果手机连不上：可能是防火墙拦住了（以 root 运行 ufw allow PORT/tcp），也可能是访客 Wi-Fi 把手机彼此隔开。</translation>
    </message>
    <message>
        <source>Let the class in</source>
        <translation>让全班加入</translation>
    </message>
    <message>
        <source>Phones in the same network reach the server at this address, and get one page made for them: no file, nothing else of this machine. At most {phones} phones, {requests} requests a second each. It ends with Stop.</source>
        <translation>同一网络中的手机通过这个地址访问服务器，只能看到为它们准备的一个页面：没有文件，也看不到本机的其他东西。最多 {phones} 部手机，每部每秒 {requests} 个请求。按“停止”即结束。</translation>
    </message>
    <message>
        <source>That of the network in which the phones are</source>
        <translation>手机所在网络的地址</translation>
    </message>
    <message>
        <source>Windows may ask whether Python may be reached: allow it for private networks.</source>
        <translation>Windows 可能询问是否允许访问 Python：请允许专用网络。</translation>
    </message>
    <message>
        <source>macOS may ask whether Python may accept connections: allow it.</source>
        <translation>macOS 可能询问是否允许 Python 接受连接：请允许。</translation>
    </message>
</context>
<context>
    <name>LatencyPlot</name>
    <message>
        <source>How long its requests take is drawn here.</source>
        <translation>这里显示请求的用时。</translation>
    </message>
    <message>
        <source>How long requests took over the last minute, a colour for each model. The thick line is the p50: half of the requests took less; the thin one the p99: one in a hundred took longer. Each step of the axis is ten times the one below.</source>
        <translation>最近一分钟请求的用时，每个模型一种颜色。粗线是 p50：一半的请求比它快；细线是 p99：每一百个请求中有一个比它慢。纵轴每一格是下一格的十倍。</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>p50 {p50}, p99 {p99}</source>
        <translation>p50 {p50}，p99 {p99}</translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message>
        <source>A band lower than its lane took only part of the time.</source>
        <translation>比泳道矮的色带表示只占其中一部分时间。</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>图例</translation>
    </message>
</context>
<context>
    <name>LessonBand</name>
    <message>
        <source>Back</source>
        <translation>上一步</translation>
    </message>
    <message>
        <source>Back one step (←)</source>
        <translation>后退一步（←）</translation>
    </message>
    <message>
        <source>How much of the run is over</source>
        <translation>已运行的比例</translation>
    </message>
    <message>
        <source>Leave the lesson</source>
        <translation>离开课程</translation>
    </message>
    <message>
        <source>Leave the lesson (Esc)</source>
        <translation>离开课程（Esc）</translation>
    </message>
    <message>
        <source>Run it again</source>
        <translation>再运行一次</translation>
    </message>
    <message>
        <source>Run it again (R)</source>
        <translation>再运行一次（R）</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>显示</translation>
    </message>
    <message>
        <source>Show the line in the source</source>
        <translation>在源码中显示这一行</translation>
    </message>
    <message>
        <source>{action} (Enter)</source>
        <translation>{action}（Enter）</translation>
    </message>
</context>
<context>
    <name>LessonController</name>
    <message>
        <source>1–{count} choose, Enter runs it, Esc leaves.</source>
        <translation>1–{count} 选择，Enter 运行，Esc 离开。</translation>
    </message>
    <message>
        <source>Enter opens the next lesson, Esc leaves.</source>
        <translation>Enter 打开下一课，Esc 离开。</translation>
    </message>
    <message>
        <source>Enter runs it again; → says why.</source>
        <translation>Enter 再运行一次；→ 看原因。</translation>
    </message>
    <message>
        <source>Enter says why; R runs it again.</source>
        <translation>Enter 看原因；R 再运行一次。</translation>
    </message>
    <message>
        <source>It needs what is not there: {needs}.</source>
        <translation>缺少所需的：{needs}。</translation>
    </message>
    <message>
        <source>Lesson {number} · {title} · step {step} of {steps}</source>
        <translation>第 {number} 课 · {title} · 第 {step} 步，共 {steps} 步</translation>
    </message>
    <message>
        <source>Next lesson</source>
        <translation>下一课</translation>
    </message>
    <message>
        <source>Not so.</source>
        <translation>不对。</translation>
    </message>
    <message>
        <source>Right.</source>
        <translation>对了。</translation>
    </message>
    <message>
        <source>Run it</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run it again</source>
        <translation>再运行一次</translation>
    </message>
    <message>
        <source>The lessons can&apos;t be read</source>
        <translation>无法读取课程</translation>
    </message>
    <message>
        <source>This is what was measured.</source>
        <translation>这是实测结果。</translation>
    </message>
    <message>
        <source>This run did not show it: {reason}. {measured}</source>
        <translation>这次运行没有显示出来：{reason}。{measured}</translation>
    </message>
    <message>
        <source>Try it yourself: {text}</source>
        <translation>自己试试：{text}</translation>
    </message>
    <message>
        <source>Why?</source>
        <translation>为什么？</translation>
    </message>
    <message>
        <source>this machine may be busy with something else</source>
        <translation>这台机器可能正忙于别的事</translation>
    </message>
    <message>
        <source>{number} of {count}: {model}</source>
        <translation>第 {number} 个，共 {count} 个：{model}</translation>
    </message>
</context>
<context>
    <name>LiveView</name>
    <message>
        <source>Click to see the line.</source>
        <translation>单击查看这一行。</translation>
    </message>
    <message>
        <source>Click to select the connection; again for the next one.</source>
        <translation>单击选中该连接；再次单击选中下一个。</translation>
    </message>
    <message>
        <source>Line {line}: {share} % of all workers&apos; time in the last {seconds} seconds.</source>
        <translation>第 {line} 行：占最近 {seconds} 秒内所有工作者时间的 {share} %。</translation>
    </message>
    <message>
        <source>line {line}: {workers}</source>
        <translation>第 {line} 行：{workers}</translation>
    </message>
    <message>
        <source>{n} %</source>
        <translation>{n} %</translation>
    </message>
    <message>
        <source>{rate} calls came back, {time} each.</source>
        <translation>{rate} 次调用返回，每次 {time}。</translation>
    </message>
</context>
<context>
    <name>LoadPanel</name>
    <message>
        <source> ms</source>
        <translation> ms</translation>
    </message>
    <message numerus="yes">
        <source>%Ln client(s)</source>
        <translation>
            <numerusform>%Ln 个客户端</numerusform>
        </translation>
    </message>
    <message>
        <source>/s</source>
        <translation>/s</translation>
    </message>
    <message>
        <source>A connection a request</source>
        <translation>每个请求一个连接</translation>
    </message>
    <message>
        <source>Additional clients that send their request one byte a second</source>
        <translation>另外加入的客户端，每秒只发送请求的一个字节</translation>
    </message>
    <message>
        <source>Cancel: {progress}</source>
        <translation>取消：{progress}</translation>
    </message>
    <message>
        <source>Choose which models run in turn under this load; on the scoreboard, those measured under equal conditions are compared</source>
        <translation>选择在此负载下依次运行哪些模型；条件相同的结果在记分板上比较</translation>
    </message>
    <message>
        <source>Clients</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>Clients keep their connections</source>
        <translation>客户端保持连接</translation>
    </message>
    <message>
        <source>Clients keep their connections, also in models that are taught without.</source>
        <translation>客户端保持连接，默认不保持的模型也一样。</translation>
    </message>
    <message>
        <source>Closed loop: asks again when answered</source>
        <translation>闭环：得到响应后再请求</translation>
    </message>
    <message>
        <source>Closed loop: each client asks again when it is answered, so a slow server is asked less. Latency counts from when it asked.</source>
        <translation>闭环：每个客户端得到响应后才再请求，所以慢的服务器收到的请求更少。延迟从发出请求时算起。</translation>
    </message>
    <message>
        <source>Each request opens a connection of its own.</source>
        <translation>每个请求新建一个连接。</translation>
    </message>
    <message>
        <source>Hardest for: {models}</source>
        <translation>最难应付的：{models}</translation>
    </message>
    <message>
        <source>How long the page works before it answers</source>
        <translation>网页在响应之前工作多久</translation>
    </message>
    <message>
        <source>How many clients there are; more or fewer come at once</source>
        <translation>客户端的数量；增减立即生效</translation>
    </message>
    <message>
        <source>Kept until others wait for a worker</source>
        <translation>保持，直到有人在等工作者</translation>
    </message>
    <message>
        <source>Kept: others starve until it is closed</source>
        <translation>保持：其他客户端等到它关闭</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>Open loop: latency from when due</source>
        <translation>开环：延迟从应发出时算起</translation>
    </message>
    <message>
        <source>Open loop: requests are due {rate}, answered or not. Latency counts from when each was due.</source>
        <translation>开环：请求按 {rate} 发出，不管是否已响应。延迟从应发出时算起。</translation>
    </message>
    <message>
        <source>Own requests …</source>
        <translation>自定义请求…</translation>
    </message>
    <message>
        <source>Own requests: {file}</source>
        <translation>自定义请求：{file}</translation>
    </message>
    <message>
        <source>Put load on the server (L)</source>
        <translation>给服务器加负载（L）</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>速率</translation>
    </message>
    <message>
        <source>Requests a second that are due, answered or not; 0: each client asks again when it is answered</source>
        <translation>每秒应发出的请求数，不管是否已响应；0：每个客户端得到响应后再发下一个</translation>
    </message>
    <message>
        <source>Run all</source>
        <translation>全部运行</translation>
    </message>
    <message>
        <source>Run all models</source>
        <translation>运行所有模型</translation>
    </message>
    <message>
        <source>Slow clients</source>
        <translation>慢客户端</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>Start load</source>
        <translation>启动负载</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop load</source>
        <translation>停止负载</translation>
    </message>
    <message>
        <source>Stop the load (L)</source>
        <translation>停止负载（L）</translation>
    </message>
    <message>
        <source>The requests of the file, in an order by chance, each as often as it says. A response is right with a status of 200 to 399; bodies are not compared.</source>
        <translation>发送文件中的请求，顺序随机，次数按文件所写。状态码 200 到 399 即为正确；不比较响应体。</translation>
    </message>
    <message>
        <source>The server counts {n}: also errors, requests of others, and those still under way at the end.</source>
        <translation>服务器计数 {n}：还包括错误、别处的请求，以及结束时仍在途中的请求。</translation>
    </message>
    <message>
        <source>These clients set their own pace.</source>
        <translation>这些客户端有自己的节奏。</translation>
    </message>
    <message>
        <source>This is the load of the replay.</source>
        <translation>这是回放中的负载。</translation>
    </message>
    <message>
        <source>What the clients do</source>
        <translation>客户端做什么</translation>
    </message>
    <message>
        <source>Work</source>
        <translation>工作</translation>
    </message>
    <message>
        <source>Workload</source>
        <translation>负载类型</translation>
    </message>
    <message>
        <source>as fast as answered</source>
        <translation>响应多快就多快</translation>
    </message>
    <message>
        <source>closed loop</source>
        <translation>闭环</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>own pace</source>
        <translation>自身节奏</translation>
    </message>
    <message>
        <source>requests leave {time} late</source>
        <translation>请求晚了 {time} 才发出</translation>
    </message>
    <message>
        <source>the load is at its limit: its own processor is full</source>
        <translation>负载已到极限：它自己的处理器已占满</translation>
    </message>
    <message>
        <source>{answered} of them by the last server, which counts {n}: also errors, requests of others, and those still under way at the end.</source>
        <translation>其中 {answered} 个由最后的服务器响应；它计数 {n}：还包括错误、别处的请求，以及结束时仍在途中的请求。</translation>
    </message>
    <message>
        <source>{clients} connected · {rate} answered</source>
        <translation>{clients} 个已连接 · 响应 {rate}</translation>
    </message>
    <message>
        <source>{model}, as taught: a connection is closed after its reply. It is compared only with models that do the same.</source>
        <translation>{model}，按模型默认：响应后关闭连接。只与同样做法的模型比较。</translation>
    </message>
    <message>
        <source>{model}, as taught: closed</source>
        <translation>{model}，按默认：关闭</translation>
    </message>
    <message>
        <source>{model}, as taught: connections are kept. It is compared only with models that do the same.</source>
        <translation>{model}，按模型默认：连接保持。只与同样做法的模型比较。</translation>
    </message>
    <message>
        <source>{model}, as taught: kept</source>
        <translation>{model}，按默认：保持</translation>
    </message>
    <message>
        <source>{model}: a connection is closed after its reply all the same; its file decides that.</source>
        <translation>{model}：响应后仍会关闭连接，由它的文件决定。</translation>
    </message>
    <message>
        <source>{model}: a connection is kept, but closed after a reply while others wait for a worker.</source>
        <translation>{model}：连接保持；但有客户端在等工作者时，响应后关闭。</translation>
    </message>
    <message>
        <source>{model}: a kept connection keeps a worker; others starve until it is closed.</source>
        <translation>{model}：保持的连接占住一个工作者，其他客户端要等到它关闭。</translation>
    </message>
    <message>
        <source>{model}: closed all the same</source>
        <translation>{model}：仍会关闭</translation>
    </message>
    <message>
        <source>{n} answered in all</source>
        <translation>共响应 {n} 个</translation>
    </message>
    <message>
        <source>{n} slow</source>
        <translation>{n} 个慢</translation>
    </message>
    <message>
        <source>{n} wait for an answer, the first for {time}</source>
        <translation>{n} 个在等响应，第一个已等 {time}</translation>
    </message>
    <message>
        <source>{n} wait, up to {time}</source>
        <translation>{n} 个在等，最久 {time}</translation>
    </message>
    <message>
        <source>{rate}, open loop</source>
        <translation>{rate}，开环</translation>
    </message>
    <message>
        <source>{summary}: change it</source>
        <translation>{summary}：修改</translation>
    </message>
</context>
<context>
    <name>LogView</name>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
</context>
<context>
    <name>MiniTile</name>
    <message>
        <source>{value}, grows without end</source>
        <translation>{value}，一直在增长</translation>
    </message>
</context>
<context>
    <name>MistakePicker</name>
    <message>
        <source>As taught</source>
        <translation>正确写法</translation>
    </message>
    <message>
        <source>Beside the right</source>
        <translation>与正确的并排</translation>
    </message>
    <message>
        <source>Choose a mistake first</source>
        <translation>先选择一个错误</translation>
    </message>
    <message>
        <source>Compare with the right one</source>
        <translation>与正确的对比</translation>
    </message>
    <message>
        <source>Mistake</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Run the model as it is taught beside this one, under the load that shows the mistake</source>
        <translation>在显示这个错误的负载下，把按教法写的模型放在旁边一起运行</translation>
    </message>
    <message>
        <source>Run the model with one thing wrong.</source>
        <translation>让模型带着一个错误运行。</translation>
    </message>
    <message>
        <source>Set the load that shows what follows from this mistake, and start it</source>
        <translation>设好能显出这个错误后果的负载，并启动</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>演示它</translation>
    </message>
    <message>
        <source>✗ {title}</source>
        <translation>✗ {title}</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Key {number}</source>
        <translation>按键 {number}</translation>
    </message>
    <message>
        <source>{title}: {idea}</source>
        <translation>{title}：{idea}</translation>
    </message>
</context>
<context>
    <name>ModelCards</name>
    <message>
        <source>Open a program</source>
        <translation>打开程序</translation>
    </message>
    <message>
        <source>Run a server program of yours, and see it here</source>
        <translation>运行你自己的服务器程序，在这里观察它</translation>
    </message>
    <message>
        <source>YOURS</source>
        <translation>你的</translation>
    </message>
    <message>
        <source>open a program …</source>
        <translation>打开程序…</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Dismiss this message</source>
        <translation>关闭此消息</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Show what was written to the error output</source>
        <translation>显示错误输出中的内容</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
</context>
<context>
    <name>OpenedModel</name>
    <message>
        <source>Changed: restart</source>
        <translation>已修改：重启</translation>
    </message>
    <message>
        <source>Copy and change</source>
        <translation>复制并修改</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Make a copy of this model in your folder, and open it in your editor</source>
        <translation>把此模型复制到你的文件夹，并在编辑器中打开</translation>
    </message>
    <message>
        <source>Open this file in your editor</source>
        <translation>在编辑器中打开此文件</translation>
    </message>
    <message>
        <source>The file was changed since the start; start again with it</source>
        <translation>启动之后文件已修改；用它重新启动</translation>
    </message>
    <message>
        <source>{idea}.</source>
        <translation>{idea}。</translation>
    </message>
</context>
<context>
    <name>OutputPanel</name>
    <message>
        <source>Output of the program</source>
        <translation>程序的输出</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Search the output</source>
        <translation>在输出中查找</translation>
    </message>
    <message>
        <source>The program has written nothing yet.</source>
        <translation>程序还没有输出。</translation>
    </message>
</context>
<context>
    <name>PairSwitch</name>
    <message>
        <source>Both</source>
        <translation>两者</translation>
    </message>
    <message>
        <source>Show both timelines one above the other, on one clock, or both sources</source>
        <translation>上下并排显示两条时间线（同一时钟），或两份源码</translation>
    </message>
    <message>
        <source>Show the timeline, the requests and the source of {model}</source>
        <translation>显示{model}的时间线、请求和源码</translation>
    </message>
</context>
<context>
    <name>PercentilePlot</name>
    <message>
        <source>How long requests took, as the clients saw it: at 99 % one in a hundred took longer. Both axes are logarithmic: the further right, the rarer.</source>
        <translation>客户端看到的请求用时：在 99 % 处，每一百个请求中有一个比它慢。两轴都是对数：越往右越少见。</translation>
    </message>
    <message>
        <source>Latency by percentile</source>
        <translation>延迟百分位</translation>
    </message>
</context>
<context>
    <name>PercentileTable</name>
    <message>
        <source>The parts of the time in the server, of at most {n} requests, the newest of this run. Each is the mean of the requests that rank next to the percentile. A dash: not known.</source>
        <translation>在服务器中各部分的用时，取本次运行最新的至多 {n} 个请求。每个数是排在该百分位附近的请求的平均值。横线：未知。</translation>
    </message>
    <message>
        <source>What requests spent their time on</source>
        <translation>请求的时间花在哪里</translation>
    </message>
    <message>
        <source>total</source>
        <translation>总计</translation>
    </message>
</context>
<context>
    <name>PhonesCard</name>
    <message numerus="yes">
        <source>%Ln phone(s) here</source>
        <translation>
            <numerusform>已有 %Ln 部手机</numerusform>
        </translation>
    </message>
    <message>
        <source>Fold</source>
        <translation>收起</translation>
    </message>
    <message>
        <source>Let nobody in</source>
        <translation>不再让人加入</translation>
    </message>
    <message>
        <source>Only this port, only one page; ends with Stop. At most {phones} phones, {requests} requests a second each.</source>
        <translation>只有这个端口、这一个页面；按“停止”即结束。最多 {phones} 部手机，每部每秒 {requests} 个请求。</translation>
    </message>
    <message>
        <source>Same Wi-Fi, then scan. Your phone becomes a lane: tap Ask, or hold Read slowly and see who has to wait.</source>
        <translation>连上同一个 Wi-Fi，然后扫码。你的手机就成为一条泳道：点一下“请求”，或按住“慢慢读”，看看谁得等待。</translation>
    </message>
    <message>
        <source>Show the address as large as the wall, or in a line</source>
        <translation>把地址放大到整面墙，或缩成一行</translation>
    </message>
    <message>
        <source>Show the code</source>
        <translation>显示二维码</translation>
    </message>
    <message>
        <source>The address as a QR code: {url}</source>
        <translation>地址的二维码：{url}</translation>
    </message>
    <message>
        <source>The server is for this machine only again</source>
        <translation>服务器重新只供本机使用</translation>
    </message>
</context>
<context>
    <name>Plots</name>
    <message>
        <source>Clients connected at each moment of the last minute, a colour for each model; in long dashes the one beside the chosen one. In short dashes: connections in the kernel&apos;s accept queue. A sentence describes the last slow requests: answered one after the other, or side by side.</source>
        <translation>最近一分钟每个时刻连接着的客户端数，每个模型一种颜色；长虚线是并排的模型。短虚线：内核 accept 队列中的连接。一句话说明最近的慢请求是逐个响应的，还是同时响应的。</translation>
    </message>
    <message>
        <source>Closed loop: from a request&apos;s first byte sent until its answer was whole.</source>
        <translation>闭环：从发出请求的第一个字节到响应完整到达。</translation>
    </message>
    <message>
        <source>Dashed: connections in the kernel&apos;s queue that are not accepted yet</source>
        <translation>虚线：内核队列中还没有被 accept 的连接</translation>
    </message>
    <message>
        <source>From a request&apos;s arrival, or its first read if that is not known, to its reply&apos;s last byte.</source>
        <translation>从请求到达（未知则从第一次读取）到响应的最后一个字节。</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>Open connections</source>
        <translation>打开的连接</translation>
    </message>
    <message>
        <source>Open loop: from when each request was due to leave until its answer was whole.</source>
        <translation>开环：从每个请求应发出时到响应完整到达。</translation>
    </message>
    <message>
        <source>Red, with crosses: failed requests</source>
        <translation>带叉的红色：失败的请求</translation>
    </message>
    <message>
        <source>Requests answered a second, over the last minute, a colour for each model. Red, with crosses: requests that failed. Shaded: no server answered, because one had ended and the next had not started.</source>
        <translation>最近一分钟每秒响应的请求数，每个模型一种颜色。带叉的红色：失败的请求。阴影：没有服务器响应，前一个已结束，后一个还没启动。</translation>
    </message>
    <message>
        <source>Requests per second</source>
        <translation>每秒请求数</translation>
    </message>
    <message>
        <source>Start a model and open its page in a browser.</source>
        <translation>启动一个模型，并在浏览器中打开它的网页。</translation>
    </message>
    <message>
        <source>Start a model and put load on it.</source>
        <translation>启动一个模型，并给它加负载。</translation>
    </message>
    <message>
        <source>Who gets the next connection</source>
        <translation>下一个连接给谁</translation>
    </message>
    <message>
        <source>as the clients see it</source>
        <translation>客户端所见</translation>
    </message>
    <message>
        <source>as the clients see it, from when due</source>
        <translation>客户端所见，从应发出时算起</translation>
    </message>
    <message>
        <source>clients&apos; side</source>
        <translation>客户端一侧</translation>
    </message>
    <message>
        <source>clients, from when due</source>
        <translation>客户端，从应发出时算起</translation>
    </message>
    <message>
        <source>inside the server</source>
        <translation>服务器内部</translation>
    </message>
    <message>
        <source>{n} open</source>
        <translation>打开 {n} 个</translation>
    </message>
    <message>
        <source>{n}/s</source>
        <translation>{n}/s</translation>
    </message>
    <message>
        <source>× failed</source>
        <translation>× 失败</translation>
    </message>
    <message>
        <source>┄ waiting</source>
        <translation>┄ 等待</translation>
    </message>
    <message>
        <source>┄ waiting for accept</source>
        <translation>┄ 等待 accept</translation>
    </message>
</context>
<context>
    <name>ProgramDialog</name>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>File …</source>
        <translation>文件…</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Folder of the program</source>
        <translation>程序所在的文件夹</translation>
    </message>
    <message>
        <source>Interpreter</source>
        <translation>解释器</translation>
    </message>
    <message>
        <source>Python files (*.py);;All files (*)</source>
        <translation>Python 文件 (*.py);;所有文件 (*)</translation>
    </message>
    <message>
        <source>The program runs as it is, in its own Python. Of a Python program all is seen: workers, lines and requests; of any other, its connections, its queue and what its processes use.</source>
        <translation>程序原样运行，用它自己的 Python。Python 程序的一切都能看到：工作者、代码行和请求；别的程序能看到连接、队列和各进程的用量。</translation>
    </message>
    <message>
        <source>Your program</source>
        <translation>你的程序</translation>
    </message>
    <message>
        <source>server.py, -m gunicorn -w 3 shop:app, nginx …, or a port</source>
        <translation>server.py、-m gunicorn -w 3 shop:app、nginx …，或端口</translation>
    </message>
    <message>
        <source>that of the folder&apos;s environment, or python3</source>
        <translation>文件夹中环境的解释器，或 python3</translation>
    </message>
    <message>
        <source>the one in which this window was started</source>
        <translation>启动本窗口时所在的文件夹</translation>
    </message>
</context>
<context>
    <name>ReplayBar</name>
    <message>
        <source>Leave the replay</source>
        <translation>离开回放</translation>
    </message>
    <message>
        <source>Leave the replay, and show what runs</source>
        <translation>离开回放，显示正在运行的内容</translation>
    </message>
    <message>
        <source>Moment</source>
        <translation>时刻</translation>
    </message>
    <message>
        <source>Moment and length</source>
        <translation>时刻与长度</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>播放</translation>
    </message>
    <message>
        <source>Recorded {when}</source>
        <translation>录制于 {when}</translation>
    </message>
    <message>
        <source>Recorded {when}, cut off: plays up to there</source>
        <translation>录制于 {when}，文件不完整：播放到断开处</translation>
    </message>
    <message>
        <source>Replay of {name}</source>
        <translation>{name} 的回放</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Speed of the replay</source>
        <translation>回放速度</translation>
    </message>
    <message>
        <source>The moment that is shown, and how long the recording is</source>
        <translation>当前显示的时刻，以及录制的长度</translation>
    </message>
    <message>
        <source>The moment that is shown; the colours are those of the models</source>
        <translation>当前显示的时刻；颜色是各模型的颜色</translation>
    </message>
    <message>
        <source>This is a replay</source>
        <translation>这是回放</translation>
    </message>
    <message>
        <source>What the window shows was recorded</source>
        <translation>窗口中显示的是录制的内容</translation>
    </message>
    <message>
        <source>{times} ×</source>
        <translation>{times} ×</translation>
    </message>
    <message>
        <source>{what} the replay (Space)</source>
        <translation>{what}回放（空格键）</translation>
    </message>
</context>
<context>
    <name>RequestDetail</name>
    <message>
        <source>Close the details</source>
        <translation>关闭详情</translation>
    </message>
    <message>
        <source>Close the details (Esc)</source>
        <translation>关闭详情（Esc）</translation>
    </message>
    <message>
        <source>Head of the reply</source>
        <translation>响应头</translation>
    </message>
    <message>
        <source>Head of the request</source>
        <translation>请求头</translation>
    </message>
    <message>
        <source>No HTTP</source>
        <translation>非 HTTP</translation>
    </message>
    <message>
        <source>No head: the reply was not HTTP.</source>
        <translation>没有响应头：响应不是 HTTP。</translation>
    </message>
    <message>
        <source>Reply, without Date, Served-By and Server-Timing: they are not kept</source>
        <translation>响应，不含 Date、Served-By 和 Server-Timing：这些没有保存</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>The head could not be parsed.</source>
        <translation>请求头无法解析。</translation>
    </message>
    <message>
        <source>connection {n}</source>
        <translation>连接 {n}</translation>
    </message>
    <message>
        <source>{size} bytes in {time}</source>
        <translation>{size} 字节，用时 {time}</translation>
    </message>
</context>
<context>
    <name>RequestTable</name>
    <message>
        <source>Bytes</source>
        <translation>字节</translation>
    </message>
    <message>
        <source>Bytes of the reply, its head included.</source>
        <translation>响应的字节数，包括响应头。</translation>
    </message>
    <message>
        <source>Client</source>
        <translation>客户端</translation>
    </message>
    <message>
        <source>Conn</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>For its turn: its connection was accepted and its bytes were there, but the server did not read them yet. A dash: not known.</source>
        <translation>等待轮到它的时间：连接已被 accept，数据已到，但服务器还没有读取。横线：未知。</translation>
    </message>
    <message>
        <source>From calling the application until the reply&apos;s head was ready. A dash: not known.</source>
        <translation>从调用应用到响应头就绪。横线：未知。</translation>
    </message>
    <message>
        <source>Handled</source>
        <translation>处理</translation>
    </message>
    <message>
        <source>In the accept queue: its bytes were there, but its connection was not accepted yet. A dash: not known.</source>
        <translation>在 accept 队列中的时间：数据已到，但连接还没有被 accept。横线：未知。</translation>
    </message>
    <message>
        <source>In the server: from when its bytes arrived until the reply&apos;s last byte was handed over. Reading and writing are in it. Where its arrival is not known, from the first read.</source>
        <translation>在服务器中的时间：从数据到达到交出响应的最后一个字节，包括读和写。到达时间未知时，从第一次读取算起。</translation>
    </message>
    <message>
        <source>Method and target of the request; a dash if it could not be parsed.</source>
        <translation>请求的方法和目标；无法解析时为横线。</translation>
    </message>
    <message>
        <source>Queued</source>
        <translation>排队</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Status of the reply: 2xx success, 3xx redirect, 4xx client error, 5xx server error. Cut off: the client disconnected before the reply was complete.</source>
        <translation>响应的状态码：2xx 成功，3xx 重定向，4xx 客户端错误，5xx 服务器错误。中断：客户端在响应完成之前断开。</translation>
    </message>
    <message>
        <source>The client&apos;s address and port.</source>
        <translation>客户端的地址和端口。</translation>
    </message>
    <message>
        <source>The connection&apos;s number, counted from the server&apos;s start; 2-15: the 15th of the second process.</source>
        <translation>连接的编号，从服务器启动算起；2-15 表示第二个进程的第 15 个连接。</translation>
    </message>
    <message>
        <source>The worker that answered: a process, a thread, a greenlet or the loop.</source>
        <translation>作出响应的工作者：进程、线程、协程或循环。</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>总计</translation>
    </message>
    <message>
        <source>Waited</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>When the reply&apos;s last byte was handed over.</source>
        <translation>交出响应最后一个字节的时间。</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>工作者</translation>
    </message>
    <message>
        <source>greeting</source>
        <translation>问候</translation>
    </message>
    <message>
        <source>{status}, cut off</source>
        <translation>{status}，中断</translation>
    </message>
</context>
<context>
    <name>RequestsPanel</name>
    <message>
        <source>Clear the filter</source>
        <translation>清除筛选</translation>
    </message>
    <message>
        <source>Clear the filter (Esc)</source>
        <translation>清除筛选（Esc）</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Filter: path, client, worker, 404, 4xx …</source>
        <translation>筛选：路径、客户端、工作者、404、4xx…</translation>
    </message>
    <message>
        <source>Follow newest</source>
        <translation>跟随最新</translation>
    </message>
    <message>
        <source>Follow the newest request again</source>
        <translation>重新跟随最新的请求</translation>
    </message>
    <message>
        <source>Keep the newest request in view. Scrolling down or selecting a request ends this.</source>
        <translation>始终显示最新的请求。向下滚动或选中请求后停止跟随。</translation>
    </message>
    <message>
        <source>No request contains “{text}”.</source>
        <translation>没有包含“{text}”的请求。</translation>
    </message>
    <message>
        <source>No request has failed.</source>
        <translation>没有失败的请求。</translation>
    </message>
    <message>
        <source>No request that failed contains “{text}”.</source>
        <translation>没有包含“{text}”的失败请求。</translation>
    </message>
    <message>
        <source>No requests yet.
Open {url} in a browser, or put load on it.</source>
        <translation>还没有请求。
在浏览器中打开 {url}，或加上负载。</translation>
    </message>
    <message>
        <source>No requests yet.
Start a model, then open {url} in a browser or point a load tool at it.</source>
        <translation>还没有请求。
启动一个模型，再在浏览器中打开 {url}，或用压测工具访问它。</translation>
    </message>
    <message>
        <source>Show only requests that contain this (Ctrl+F)
408 or 4xx: of this status · failed: those in red
path:, client:, worker:, connection:, status: in this column only</source>
        <translation>只显示包含这些内容的请求（Ctrl+F）
408 或 4xx：该状态码 · failed：标红的请求
path:、client:、worker:、connection:、status:：只在这一列中查找</translation>
    </message>
    <message>
        <source>Show only requests whose reply is an error (4xx, 5xx) or was cut off</source>
        <translation>只显示响应为错误（4xx、5xx）或被中断的请求</translation>
    </message>
    <message>
        <source>Show the newest</source>
        <translation>显示最新的</translation>
    </message>
    <message>
        <source>The requests that you look at are no longer kept: {n} newer ones have arrived.</source>
        <translation>正在查看的请求已不再保存：又到了 {n} 个更新的。</translation>
    </message>
    <message>
        <source>its page</source>
        <translation>它的网页</translation>
    </message>
    <message>
        <source>showing {n} of {total}</source>
        <translation>显示 {n} 个，共 {total} 个</translation>
    </message>
    <message>
        <source>that request is not in the log</source>
        <translation>那个请求不在日志中</translation>
    </message>
    <message>
        <source>that request is not shown</source>
        <translation>那个请求没有显示</translation>
    </message>
    <message>
        <source>the filter hides that request</source>
        <translation>筛选隐藏了那个请求</translation>
    </message>
    <message>
        <source>{n} newer</source>
        <translation>{n} 个更新的</translation>
    </message>
    <message>
        <source>{n} newer ones were not searched.</source>
        <translation>更新的 {n} 个没有查找。</translation>
    </message>
    <message>
        <source>{n} of {total}</source>
        <translation>{n} / {total}</translation>
    </message>
</context>
<context>
    <name>RunAllDialog</name>
    <message>
        <source> s each</source>
        <translation> s（每个）</translation>
    </message>
    <message numerus="yes">
        <source>%Ln model(s), about {time}</source>
        <translation>
            <numerusform>%Ln 个模型，约 {time}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s), about {time}</source>
        <translation>
            <numerusform>%Ln 行，大约 {time}</numerusform>
        </translation>
    </message>
    <message>
        <source>Braces make a row for each choice. All are asked for the same: your own requests, or /.</source>
        <translation>花括号为每个选择生成一行。所有的都收到同样的请求：你自己的请求，或者 /。</translation>
    </message>
    <message>
        <source>Each model runs in turn under the load that is set. Each becomes a row of the scoreboard.</source>
        <translation>每个模型在所设负载下依次运行，各成为记分板的一行。</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Folder of the programs</source>
        <translation>程序的文件夹</translation>
    </message>
    <message>
        <source>For how long each model is measured, after its warm-up</source>
        <translation>预热之后，每个模型测量多久</translation>
    </message>
    <message>
        <source>How often all are measured, one after the other in each round</source>
        <translation>所有的测量多少次，每一轮里一个接一个</translation>
    </message>
    <message>
        <source>Programs</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Programs to measure as well: braces make a row for each choice, a semicolon separates programs</source>
        <translation>还要测量的程序：花括号为每个选择生成一行，分号分隔不同的程序</translation>
    </message>
    <message>
        <source>Rounds</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Rounds: </source>
        <translation>轮数：</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Run all models</source>
        <translation>运行所有模型</translation>
    </message>
    <message>
        <source>Seconds for each</source>
        <translation>每个的秒数</translation>
    </message>
    <message>
        <source>The folder in which the programs are run</source>
        <translation>运行这些程序的文件夹</translation>
    </message>
    <message>
        <source>This workload asks for pages of the example site. Choose another one to measure programs.</source>
        <translation>这种负载请求的是示例网站的页面。要测量程序，请选择另一种。</translation>
    </message>
    <message>
        <source>Your programs</source>
        <translation>你的程序</translation>
    </message>
</context>
<context>
    <name>RunStrip</name>
    <message>
        <source>Ctrl+Enter starts what is chosen, L puts load on it</source>
        <translation>Ctrl+Enter 启动所选的，L 给它加负载</translation>
    </message>
    <message>
        <source>Nothing runs</source>
        <translation>没有在运行</translation>
    </message>
    <message>
        <source>What the picture proves</source>
        <translation>图中证明了什么</translation>
    </message>
</context>
<context>
    <name>ScoreboardModel</name>
    <message>
        <source>99 of 100 requests were answered within this time, as the clients saw it. Shorter is better.</source>
        <translation>客户端看到的：每 100 个请求中有 99 个在这个时间内得到响应，越短越好。</translation>
    </message>
    <message>
        <source>999 of 1,000 requests were answered within this time, as the clients saw it. Shorter is better.</source>
        <translation>客户端看到的：每 1,000 个请求中有 999 个在这个时间内得到响应，越短越好。</translation>
    </message>
    <message>
        <source>A click puts the best first.</source>
        <translation>单击：最好的排在前面。</translation>
    </message>
    <message>
        <source>CPU/req.</source>
        <translation>处理器/请求</translation>
    </message>
    <message>
        <source>CPU: {percent} % of a core</source>
        <translation>处理器：一个核的 {percent} %</translation>
    </message>
    <message>
        <source>Closed loop: each client asks again as soon as it is answered.</source>
        <translation>闭环：每个客户端得到响应后立刻再请求。</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Failed: {ways}</source>
        <translation>失败：{ways}</translation>
    </message>
    <message>
        <source>Half of the requests were answered within this time, as the clients saw it. Shorter is better.</source>
        <translation>客户端看到的：一半的请求在这个时间内得到响应，越短越好。</translation>
    </message>
    <message>
        <source>It closed a connection after its reply while others waited for a worker.</source>
        <translation>有客户端在等工作者时，它在响应后关闭了连接。</translation>
    </message>
    <message>
        <source>Least memory: {model}</source>
        <translation>内存最少：{model}</translation>
    </message>
    <message>
        <source>Measured under other settings: {settings}</source>
        <translation>在其他设置下测得：{settings}</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Memory of the server and all its processes, the mean over the time. Shorter is better.</source>
        <translation>服务器及其所有进程的内存，测量期间的平均值，越短越好。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Most answers: {model}</source>
        <translation>响应最多：{model}</translation>
    </message>
    <message>
        <source>Open loop: requests are due at a fixed rate, however fast they are answered; latency counts from then.</source>
        <translation>开环：请求按固定速率发出，不管响应多快；延迟从应发出时算起。</translation>
    </message>
    <message>
        <source>Processor time of the server and all its processes for each right answer. Shorter is better.</source>
        <translation>服务器及其所有进程每个正确响应所用的处理器时间，越短越好。</translation>
    </message>
    <message>
        <source>Requests that timed out count with the time until they were given up, {time} at least.</source>
        <translation>超时的请求按放弃之前的时间计，至少 {time}。</translation>
    </message>
    <message>
        <source>Requests without a right answer: refused, reset, timed out, or with wrong content.</source>
        <translation>没有得到正确响应的请求：被拒绝、被重置、超时或内容错误。</translation>
    </message>
    <message>
        <source>Requests/s</source>
        <translation>请求/秒</translation>
    </message>
    <message>
        <source>Right answers a second. Longer is better. ≥: the load was the limit.</source>
        <translation>每秒正确响应的个数，越长越好。≥：负载是瓶颈。</translation>
    </message>
    <message>
        <source>Shortest waits: {model}</source>
        <translation>等待最短：{model}</translation>
    </message>
    <message>
        <source>The load was the limit: its own processor was full. The server can do more.</source>
        <translation>负载是瓶颈：它自己的处理器已占满。服务器还能做得更多。</translation>
    </message>
    <message>
        <source>The model that served, or what you called the row (F2).</source>
        <translation>提供服务的模型，或你给这一行起的名字（F2）。</translation>
    </message>
    <message>
        <source>The most processes, threads or greenlets that served at once; a single loop serves all clients.</source>
        <translation>同时服务的进程、线程或协程的最大数量；单个循环服务所有客户端。</translation>
    </message>
    <message>
        <source>The system does not say what processor time and memory were used.</source>
        <translation>系统没有给出所用的处理器时间和内存。</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作者</translation>
    </message>
    <message>
        <source>measured for {seconds} s from {time}</source>
        <translation>从 {time} 起测量了 {seconds} s</translation>
    </message>
    <message>
        <source>p50</source>
        <translation>p50</translation>
    </message>
    <message>
        <source>p99</source>
        <translation>p99</translation>
    </message>
    <message>
        <source>p99.9</source>
        <translation>p99.9</translation>
    </message>
    <message>
        <source>{size} MiB</source>
        <translation>{size} MiB</translation>
    </message>
    <message>
        <source>{title} · measuring …</source>
        <translation>{title} · 测量中…</translation>
    </message>
    <message>
        <source>{title} …</source>
        <translation>{title}…</translation>
    </message>
</context>
<context>
    <name>ScoreboardPanel</name>
    <message>
        <source>Bring back what was deleted last</source>
        <translation>恢复最后删除的行</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清空</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy the rows as text, for a spreadsheet</source>
        <translation>把各行复制为文本，供电子表格使用</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete all rows that are not pinned; Ctrl+Z brings them back</source>
        <translation>删除所有未固定的行；Ctrl+Z 恢复</translation>
    </message>
    <message>
        <source>Delete the rows; Ctrl+Z brings them back</source>
        <translation>删除这些行；Ctrl+Z 恢复</translation>
    </message>
    <message>
        <source>Export …</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Give the row another name</source>
        <translation>给这一行另起名字</translation>
    </message>
    <message>
        <source>Keep the row when the scoreboard is cleared</source>
        <translation>清空记分板时保留这一行</translation>
    </message>
    <message>
        <source>Measure each model in turn under the load that is set; equal conditions are compared</source>
        <translation>在所设负载下依次测量每个模型；比较条件相同的结果</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>下移</translation>
    </message>
    <message>
        <source>Move it down</source>
        <translation>把这一行下移</translation>
    </message>
    <message>
        <source>Move the row up</source>
        <translation>把这一行上移</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>上移</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>固定</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Run all models</source>
        <translation>运行所有模型</translation>
    </message>
    <message>
        <source>Save the rows in a file</source>
        <translation>把各行保存到文件</translation>
    </message>
    <message>
        <source>Start a model and the load: three steady seconds make a row.</source>
        <translation>启动模型和负载：稳定三秒就成为一行。</translation>
    </message>
    <message>
        <source>Switch the model under the same load: rows with equal conditions are compared.</source>
        <translation>在同一负载下切换模型：条件相同的行会被比较。</translation>
    </message>
    <message>
        <source>The load&apos;s own processor was full: the server can do more.</source>
        <translation>负载自己的处理器已占满：服务器还能做得更多。</translation>
    </message>
    <message>
        <source>These rows were measured under different settings and cannot be compared.</source>
        <translation>这些行在不同的设置下测得，不能比较。</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message numerus="yes">
        <source>Undo: %Ln row(s) deleted</source>
        <translation>
            <numerusform>撤销：删除了 %Ln 行</numerusform>
        </translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消固定</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>as the clients saw it</source>
        <translation>客户端所见</translation>
    </message>
    <message>
        <source>nothing more</source>
        <translation>没有别的条件</translation>
    </message>
    <message>
        <source>under different settings</source>
        <translation>设置不同</translation>
    </message>
    <message>
        <source>{model} and {other} are compared as soon as both are measured.</source>
        <translation>{model}和{other}都测完后就会比较。</translation>
    </message>
    <message>
        <source>{model} is compared with none: it was measured with {own}, {other} with {others}.</source>
        <translation>{model}没有可比较的：它在 {own} 下测得，{other}在 {others} 下测得。</translation>
    </message>
    <message>
        <source>≥ from {time} on</source>
        <translation>≥ 从 {time} 起</translation>
    </message>
    <message>
        <source>≥: the load was the limit</source>
        <translation>≥：负载是瓶颈</translation>
    </message>
</context>
<context>
    <name>ScoreboardView</name>
    <message>
        <source>Scoreboard</source>
        <translation>记分板</translation>
    </message>
</context>
<context>
    <name>ServesRow</name>
    <message>
        <source>A folder …</source>
        <translation>文件夹…</translation>
    </message>
    <message>
        <source>An application …</source>
        <translation>应用…</translation>
    </message>
    <message>
        <source>Folder to serve</source>
        <translation>要提供的文件夹</translation>
    </message>
    <message>
        <source>Folder · {folder}</source>
        <translation>文件夹 · {folder}</translation>
    </message>
    <message>
        <source>Let the class in</source>
        <translation>让全班加入</translation>
    </message>
    <message>
        <source>Let the class in: phones become lanes …</source>
        <translation>让全班加入：手机成为泳道……</translation>
    </message>
    <message>
        <source>Serves</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Serves: {what}</source>
        <translation>内容：{what}</translation>
    </message>
    <message>
        <source>The example site · {folder}</source>
        <translation>示例网站 · {folder}</translation>
    </message>
</context>
<context>
    <name>SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>The running server is restarted if anything but the theme or the language changes.</source>
        <translation>除主题和语言外，任何改动都会重启正在运行的服务器。</translation>
    </message>
</context>
<context>
    <name>ShareBars</name>
    <message>
        <source>an even share is {even} %</source>
        <translation>均分是 {even} %</translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>另有 %Ln 个</numerusform>
        </translation>
    </message>
    <message>
        <source>busy</source>
        <translation>忙碌</translation>
    </message>
    <message>
        <source>connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>even</source>
        <translation>均匀</translation>
    </message>
    <message>
        <source>even is {even} %</source>
        <translation>均分 {even} %</translation>
    </message>
    <message>
        <source>largest ÷ even share: {n}</source>
        <translation>最大 ÷ 均分：{n}</translation>
    </message>
    <message>
        <source>last {n} s</source>
        <translation>最近 {n} s</translation>
    </message>
    <message>
        <source>requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>since the start</source>
        <translation>启动以来</translation>
    </message>
    <message>
        <source>uneven</source>
        <translation>不均</translation>
    </message>
    <message>
        <source>{least} to {most} each</source>
        <translation>每个 {least} 到 {most}</translation>
    </message>
</context>
<context>
    <name>SharesCard</name>
    <message>
        <source>The share of the connections that each worker accepted, or took from the queue of its pool: the bar for the last 5 seconds, the small mark since the server began; the dashed line is an even share. How uneven they are is one number: the largest share divided by the even one, so 1 is even. Beside it the share of the requests, and the part of the time for which the worker served. All are counted by the workers themselves: none is an estimate.</source>
        <translation>每个工作者 accept 的（或从池的队列中取走的）连接所占的份额：色条是最近 5 秒，小标记是服务器启动以来；虚线是均分。不均匀的程度是一个数：最大份额除以均分，1 表示均匀。旁边是请求的份额，以及工作者提供服务的时间比例。全部由工作者自己计数，没有估计值。</translation>
    </message>
    <message>
        <source>Who gets the next connection</source>
        <translation>下一个连接给谁</translation>
    </message>
</context>
<context>
    <name>SourcePanel</name>
    <message>
        <source>1 in {n} connections is shown</source>
        <translation>显示每 {n} 个连接中的 1 个</translation>
    </message>
    <message>
        <source>As it is right</source>
        <translation>正确写法</translation>
    </message>
    <message>
        <source>Bars: share of all workers&apos; time in the last {seconds} seconds</source>
        <translation>色条：占最近 {seconds} 秒内所有工作者时间的比例</translation>
    </message>
    <message>
        <source>Bars: share of the time</source>
        <translation>色条：所占时间</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Compare with another model</source>
        <translation>与另一个模型比较</translation>
    </message>
    <message>
        <source>No worker is busy with connection {n} now</source>
        <translation>现在没有工作者在处理连接 {n}</translation>
    </message>
    <message>
        <source>No worker of {model} is known to be on a line.</source>
        <translation>不知道{model}的任何工作者在哪一行。</translation>
    </message>
    <message>
        <source>Open in editor</source>
        <translation>在编辑器中打开</translation>
    </message>
    <message>
        <source>Open this file in your editor; what you save is shown here at once</source>
        <translation>在编辑器中打开此文件；保存后这里立即更新</translation>
    </message>
    <message>
        <source>Read {file} after it.</source>
        <translation>读完后再读 {file}。</translation>
    </message>
    <message>
        <source>Read {file} before this one.</source>
        <translation>先读 {file}，再读这个。</translation>
    </message>
    <message>
        <source>Restart the engine with the file as it is</source>
        <translation>用文件现在的内容重启引擎</translation>
    </message>
    <message>
        <source>Show another model&apos;s file beside this one, and what differs</source>
        <translation>在旁边显示另一个模型的文件和不同之处</translation>
    </message>
    <message>
        <source>Show the file in which the work is done, with each worker on its line, or the model&apos;s again</source>
        <translation>显示正在工作的应用文件，每个工作者标在它所在的行；或回到模型的文件</translation>
    </message>
    <message>
        <source>Show what the file says at its head, in your language</source>
        <translation>用中文显示文件开头的说明</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>重新启动</translation>
    </message>
    <message>
        <source>Start {model} to see its workers here.</source>
        <translation>启动{model}，在这里查看它的工作者。</translation>
    </message>
    <message>
        <source>Start {model}: each worker is then marked on the line where it is, with how long it has been there.</source>
        <translation>启动{model}：每个工作者会标在它所在的行，并显示已停留多久。</translation>
    </message>
    <message>
        <source>The application&apos;s file</source>
        <translation>应用的文件</translation>
    </message>
    <message>
        <source>The application&apos;s source</source>
        <translation>应用的源码</translation>
    </message>
    <message>
        <source>The file that the engine runs, with each worker on the line where it is</source>
        <translation>引擎运行的文件，每个工作者标在它所在的行</translation>
    </message>
    <message>
        <source>The model whose file is shown on the left</source>
        <translation>左侧显示哪个模型的文件</translation>
    </message>
    <message>
        <source>The model&apos;s source</source>
        <translation>模型的源码</translation>
    </message>
    <message>
        <source>The other model</source>
        <translation>另一个模型</translation>
    </message>
    <message>
        <source>Translation</source>
        <translation>中文说明</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>警告</translation>
    </message>
    <message>
        <source>{file} was edited. The running engine still uses the old text.</source>
        <translation>{file} 已修改。运行中的引擎仍使用旧的内容。</translation>
    </message>
    <message>
        <source>{model} was not started as a file: one of its own is shown once a worker waits in it.</source>
        <translation>{model} 不是以文件方式启动的：一旦有工作者在它自己的某个文件中等待，就显示该文件。</translation>
    </message>
    <message>
        <source>− only in {other} · + only in {this}</source>
        <translation>− 只在{other}中 · + 只在{this}中</translation>
    </message>
</context>
<context>
    <name>TimeAxis</name>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
</context>
<context>
    <name>TimelinePanel</name>
    <message>
        <source>1 in {k} connections</source>
        <translation>每 {k} 个连接取 1 个</translation>
    </message>
    <message>
        <source>A lane for each connection</source>
        <translation>每个连接一条泳道</translation>
    </message>
    <message>
        <source>A lane for each worker</source>
        <translation>每个工作者一条泳道</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>跟随</translation>
    </message>
    <message>
        <source>Follow the newest</source>
        <translation>跟随最新</translation>
    </message>
    <message>
        <source>Keep the newest in view; dragging ends this. When less than a second is in view, the picture moves only every half second, so that it can be read.</source>
        <translation>始终显示最新的时刻；拖动后停止。看不到一秒时，画面每半秒才移动一次，以便阅读。</translation>
    </message>
    <message>
        <source>Longer</source>
        <translation>延长</translation>
    </message>
    <message>
        <source>More lanes</source>
        <translation>更多泳道</translation>
    </message>
    <message>
        <source>See a longer time (-, or the wheel)</source>
        <translation>看更长的时间（- 或滚轮）</translation>
    </message>
    <message>
        <source>See a shorter time (+, or the wheel)</source>
        <translation>看更短的时间（+ 或滚轮）</translation>
    </message>
    <message>
        <source>Shorter</source>
        <translation>缩短</translation>
    </message>
    <message>
        <source>Show as many lanes as there is room for, not only a handful; the others share the last one</source>
        <translation>显示放得下的所有泳道，而不只是少数几条；其余的合在最后一条里</translation>
    </message>
    <message>
        <source>Show what happens four times, then ten times slower, from now on (S); it is recorded meanwhile.</source>
        <translation>从现在起以四分之一、再以十分之一的速度显示（S）；其间照常记录。</translation>
    </message>
    <message>
        <source>Slow motion</source>
        <translation>慢放</translation>
    </message>
    <message>
        <source>Time in sight</source>
        <translation>显示的时间</translation>
    </message>
    <message>
        <source>What explains most of the last seconds; only said while it is proven.</source>
        <translation>最近几秒主要的原因；只在得到证明时才说。</translation>
    </message>
    <message>
        <source>What is shown</source>
        <translation>显示什么</translation>
    </message>
    <message>
        <source>What the lanes prove</source>
        <translation>泳道证明了什么</translation>
    </message>
    <message>
        <source>When details arrive too fast, only some of them are shown.</source>
        <translation>细节到达太快时，只显示其中一部分。</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作者</translation>
    </message>
    <message>
        <source>no details</source>
        <translation>没有细节</translation>
    </message>
    <message>
        <source>nothing is kept of {time}</source>
        <translation>{time} 的数据已不再保存</translation>
    </message>
    <message>
        <source>records dropped: {n}</source>
        <translation>丢弃的记录：{n}</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>you look at {time}</source>
        <translation>正在看 {time}</translation>
    </message>
    <message>
        <source>{pace} speed, {time} s behind</source>
        <translation>{pace} 速，落后 {time} 秒</translation>
    </message>
</context>
<context>
    <name>TitleMenu</name>
    <message>
        <source>Choose what is shown here</source>
        <translation>选择这里显示什么</translation>
    </message>
</context>
<context>
    <name>Troubles</name>
    <message>
        <source>Folder to serve</source>
        <translation>要提供的文件夹</translation>
    </message>
</context>
<context>
    <name>ViewTabs</name>
    <message>
        <source>Views</source>
        <translation>视图</translation>
    </message>
</context>
<context>
    <name>WaterfallView</name>
    <message>
        <source>Handling: {pieces}.</source>
        <translation>处理：{pieces}。</translation>
    </message>
    <message>
        <source>How long it waited for a slow client is not known: its spans were not reported, or are no longer kept.</source>
        <translation>它等了慢客户端多久未知：片段没有上报，或已不再保存。</translation>
    </message>
    <message>
        <source>It did not wait.</source>
        <translation>它没有等待。</translation>
    </message>
    <message>
        <source>Of it {pieces}.</source>
        <translation>其中 {pieces}。</translation>
    </message>
    <message>
        <source>Took {time} in the server.</source>
        <translation>在服务器中用了 {time}。</translation>
    </message>
    <message>
        <source>Waterfall</source>
        <translation>瀑布图</translation>
    </message>
    <message>
        <source>What the request&apos;s time went into: what the server did for it, and what it waited for.</source>
        <translation>请求的时间花在哪里：服务器为它做了什么，它又在等什么。</translation>
    </message>
    <message>
        <source>When its bytes arrived is not known.</source>
        <translation>它的数据何时到达未知。</translation>
    </message>
    <message>
        <source>{time} ({share} %)</source>
        <translation>{time}（{share} %）</translation>
    </message>
    <message>
        <source>{time} waiting for a slow client</source>
        <translation>{time} 等待慢客户端</translation>
    </message>
</context>
<context>
    <name>Window</name>
    <message>
        <source>Requests to send</source>
        <translation>要发送的请求</translation>
    </message>
</context>
<context>
    <name>_Cells</name>
    <message>
        <source>Name of the row</source>
        <translation>行的名字</translation>
    </message>
</context>
<context>
    <name>app</name>
    <message>
        <source>An error occurred in the window.</source>
        <translation>窗口发生错误。</translation>
    </message>
    <message>
        <source>This is a fault in ServeScope. The window may go on, but what it shows may be wrong.</source>
        <translation>这是 ServeScope 的故障。窗口可以继续运行，但显示的内容可能有误。</translation>
    </message>
</context>
<context>
    <name>by-hand</name>
    <message>
        <source>+{seconds} s</source>
        <translation>+{seconds} 秒</translation>
    </message>
    <message>
        <source>A TLS hello</source>
        <translation>TLS 握手消息</translation>
    </message>
    <message>
        <source>A request for a large page</source>
        <translation>请求一个大页面</translation>
    </message>
    <message>
        <source>A request with a body</source>
        <translation>带请求体的请求</translation>
    </message>
    <message>
        <source>A whole request</source>
        <translation>一个完整的请求</translation>
    </message>
    <message>
        <source>A worker that reads it waits for the rest, and serves nobody meanwhile.</source>
        <translation>读到它的工作者会等待其余部分，这期间不服务任何客户端。</translation>
    </message>
    <message>
        <source>Garbage</source>
        <translation>乱码</translation>
    </message>
    <message>
        <source>Half a head</source>
        <translation>半个请求头</translation>
    </message>
    <message>
        <source>Held before it is sent, it keeps a worker in send: nobody reads the reply.</source>
        <translation>先暂停读取再发送，会让工作者停在 send 中：没有人读取响应。</translation>
    </message>
    <message>
        <source>It is answered as soon as a worker reads it.</source>
        <translation>工作者一读到它就会响应。</translation>
    </message>
    <message>
        <source>It makes a whole request of half a head.</source>
        <translation>它把半个请求头补成一个完整的请求。</translation>
    </message>
    <message>
        <source>No HTTP: it is refused, or greeted.</source>
        <translation>不是 HTTP：会被拒绝，或得到问候。</translation>
    </message>
    <message>
        <source>One byte</source>
        <translation>一个字节</translation>
    </message>
    <message>
        <source>Pipelined: on a kept connection both are answered, in their order.</source>
        <translation>流水线：在长连接上两个都会按顺序得到响应。</translation>
    </message>
    <message>
        <source>The least that a server can wait with.</source>
        <translation>服务器开始等待所需的最少数据。</translation>
    </message>
    <message>
        <source>The rest of the head</source>
        <translation>请求头的其余部分</translation>
    </message>
    <message>
        <source>The work pages send the body back.</source>
        <translation>工作页面会把请求体发回来。</translation>
    </message>
    <message>
        <source>Two requests at once</source>
        <translation>一次发送两个请求</translation>
    </message>
    <message>
        <source>What a browser sends first to an https address.</source>
        <translation>浏览器向 https 地址最先发送的内容。</translation>
    </message>
    <message>
        <source>What was sent and what came back</source>
        <translation>发送的和返回的内容</translation>
    </message>
    <message>
        <source>client {n}</source>
        <translation>客户端 {n}</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>closed the connection</source>
        <translation>关闭了连接</translation>
    </message>
    <message>
        <source>closed, as this run has ended</source>
        <translation>已关闭，因为本次运行已结束</translation>
    </message>
    <message>
        <source>closed: this run has ended</source>
        <translation>已关闭：本次运行已结束</translation>
    </message>
    <message>
        <source>connected</source>
        <translation>已连接</translation>
    </message>
    <message>
        <source>connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>ended by the server</source>
        <translation>被服务器结束</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>failed: {reason}</source>
        <translation>失败：{reason}</translation>
    </message>
    <message>
        <source>half-closed</source>
        <translation>半关闭</translation>
    </message>
    <message>
        <source>half-closed: it sends nothing more</source>
        <translation>半关闭：不再发送</translation>
    </message>
    <message>
        <source>held</source>
        <translation>暂停读取</translation>
    </message>
    <message>
        <source>held: what comes back is not read</source>
        <translation>暂停读取：不读取返回的内容</translation>
    </message>
    <message>
        <source>open</source>
        <translation>已打开</translation>
    </message>
    <message>
        <source>opened a connection to {address}</source>
        <translation>打开了到 {address} 的连接</translation>
    </message>
    <message>
        <source>reads again</source>
        <translation>继续读取</translation>
    </message>
    <message numerus="yes">
        <source>received %Ln byte(s)</source>
        <translation>
            <numerusform>收到了 %Ln 字节</numerusform>
        </translation>
    </message>
    <message>
        <source>refused</source>
        <translation>被拒绝</translation>
    </message>
    <message>
        <source>refused: nobody listens there</source>
        <translation>被拒绝：那里没有人监听</translation>
    </message>
    <message>
        <source>reset</source>
        <translation>已重置</translation>
    </message>
    <message>
        <source>reset by the server</source>
        <translation>被服务器重置</translation>
    </message>
    <message>
        <source>reset the connection</source>
        <translation>重置了连接</translation>
    </message>
    <message numerus="yes">
        <source>sent %Ln byte(s)</source>
        <translation>
            <numerusform>发送了 %Ln 字节</numerusform>
        </translation>
    </message>
    <message>
        <source>the server has ended its side</source>
        <translation>服务器结束了它那一端</translation>
    </message>
    <message>
        <source>the server has reset the connection</source>
        <translation>服务器重置了连接</translation>
    </message>
    <message>
        <source>{client} {act}</source>
        <translation>{client} {act}</translation>
    </message>
    <message numerus="yes">
        <source>… and %Ln more byte(s), which are not kept</source>
        <translation>
            <numerusform>……还有 %Ln 字节，没有保留</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>caption</name>
    <message>
        <source>Load, ended: {load}</source>
        <translation>负载（已结束）：{load}</translation>
    </message>
    <message>
        <source>Load: {load}</source>
        <translation>负载：{load}</translation>
    </message>
    <message>
        <source>No load of this program</source>
        <translation>没有本程序的负载</translation>
    </message>
    <message>
        <source>Running: {model}</source>
        <translation>运行：{model}</translation>
    </message>
    <message>
        <source>ServeScope, replay of “{name}”</source>
        <translation>ServeScope，“{name}”的回放</translation>
    </message>
</context>
<context>
    <name>errors</name>
    <message>
        <source>A program of another user listens there already. Stop it, or use another port.</source>
        <translation>别的用户的程序已经在那里监听。请停止它，或换一个端口。</translation>
    </message>
    <message>
        <source>A server can only listen at an address of its own machine: 127.0.0.1 for this machine alone, 0.0.0.0 for everybody who can reach it.</source>
        <translation>服务器只能监听本机的地址：127.0.0.1 只供本机访问，0.0.0.0 供能访问本机的所有人。</translation>
    </message>
    <message>
        <source>Another program, or the system, sent it signal {number} ({signal}). Its connections are closed.</source>
        <translation>别的程序或系统向它发送了信号 {number}（{signal}）。它的连接已关闭。</translation>
    </message>
    <message>
        <source>Choose folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Good to know</source>
        <translation>提示</translation>
    </message>
    <message>
        <source>It ended before anything was recorded. Choose another file.</source>
        <translation>还没有录到任何内容就结束了。请选择别的文件。</translation>
    </message>
    <message>
        <source>It gave no reason.</source>
        <translation>没有给出原因。</translation>
    </message>
    <message>
        <source>It is in {folder}</source>
        <translation>位于 {folder}</translation>
    </message>
    <message>
        <source>It needs {systems}. Choose another model.</source>
        <translation>它需要 {systems}。请选择别的模型。</translation>
    </message>
    <message>
        <source>It was not written by ServeScope, or its beginning is damaged. Choose another file.</source>
        <translation>它不是 ServeScope 写的，或开头已损坏。请选择别的文件。</translation>
    </message>
    <message>
        <source>Its last output: {words}</source>
        <translation>它最后的输出：{words}</translation>
    </message>
    <message>
        <source>Line {line}: {error}</source>
        <translation>第 {line} 行：{error}</translation>
    </message>
    <message>
        <source>No choice makes a difference beyond the spread</source>
        <translation>没有哪个选择的差别超出各轮之间的差别</translation>
    </message>
    <message>
        <source>No editor was found</source>
        <translation>没有找到编辑器</translation>
    </message>
    <message>
        <source>Not all models are measured</source>
        <translation>不测量所有模型</translation>
    </message>
    <message>
        <source>Not all models could be measured</source>
        <translation>并非所有模型都能测量</translation>
    </message>
    <message>
        <source>Not all of it is seen</source>
        <translation>只能看到一部分</translation>
    </message>
    <message>
        <source>Nothing listens there, but this program may not either: a part of the system, such as Hyper-V or Docker on Windows, has reserved it, or a security policy forbids it. Use another port.</source>
        <translation>那里没有程序监听，但本程序也不能监听：系统的某个部分（如 Windows 上的 Hyper-V 或 Docker）保留了它，或安全策略禁止使用。请换一个端口。</translation>
    </message>
    <message>
        <source>Phones reach it only in one that they are in too: join it, and try again.</source>
        <translation>只有手机也在的网络才能访问本机：请加入该网络后再试。</translation>
    </message>
    <message>
        <source>Port {port} can&apos;t be had yet</source>
        <translation>端口 {port} 暂时还不能用</translation>
    </message>
    <message>
        <source>Port {port} is for the administrator</source>
        <translation>端口 {port} 只给管理员使用</translation>
    </message>
    <message>
        <source>Port {port} is in use</source>
        <translation>端口 {port} 已被占用</translation>
    </message>
    <message>
        <source>Start again</source>
        <translation>重新启动</translation>
    </message>
    <message>
        <source>The disk is full. Make room, or choose another place.</source>
        <translation>磁盘已满。请腾出空间，或换一个位置。</translation>
    </message>
    <message>
        <source>The disk is too slow for this much data. Choose another place, or a smaller load.</source>
        <translation>磁盘太慢，写不了这么多数据。请换一个位置，或减小负载。</translation>
    </message>
    <message>
        <source>The disk of {path} can only be read. Choose another place.</source>
        <translation>{path} 所在的磁盘是只读的。请换一个位置。</translation>
    </message>
    <message>
        <source>The file is {path}. Open it in any editor, or name one that has a window of its own in the environment variable VISUAL.</source>
        <translation>文件是 {path}。请用任意编辑器打开它，或在环境变量 VISUAL 中指定一个有自己窗口的编辑器。</translation>
    </message>
    <message>
        <source>The folder to serve is missing</source>
        <translation>缺少要提供的文件夹</translation>
    </message>
    <message>
        <source>The load</source>
        <translation>负载</translation>
    </message>
    <message>
        <source>The replay ends here; everything before can be shown. ({reason})</source>
        <translation>回放到此为止；之前的内容都可以显示。（{reason}）</translation>
    </message>
    <message>
        <source>The server cannot listen at {address}</source>
        <translation>服务器无法监听 {address}</translation>
    </message>
    <message>
        <source>The server reports a problem</source>
        <translation>服务器报告了问题</translation>
    </message>
    <message>
        <source>The server that ended there did not set SO_REUSEADDR, so the system keeps the port for up to {seconds} s, for connections that it has closed.</source>
        <translation>在那里结束的服务器没有设置 SO_REUSEADDR，所以系统为它关闭的连接把端口最多再保留 {seconds} s。</translation>
    </message>
    <message>
        <source>The spread of the rounds is {noise}×.</source>
        <translation>各轮之间相差 {noise} 倍。</translation>
    </message>
    <message>
        <source>The system keeps port {port} for itself</source>
        <translation>系统保留了端口 {port}</translation>
    </message>
    <message>
        <source>The system lets ordinary programs listen only at ports from {first} on. Use one of those.</source>
        <translation>系统只允许普通程序监听 {first} 及以上的端口。请换用这样的端口。</translation>
    </message>
    <message>
        <source>The system says: {reason}. Choose another place.</source>
        <translation>系统说：{reason}。请换一个位置。</translation>
    </message>
    <message>
        <source>The system says: {reason}. Use another port or host.</source>
        <translation>系统说：{reason}。请换一个端口或主机。</translation>
    </message>
    <message>
        <source>There is no such file or folder: {path}</source>
        <translation>没有这个文件或文件夹：{path}</translation>
    </message>
    <message>
        <source>These requests can&apos;t be sent</source>
        <translation>无法发送这些请求</translation>
    </message>
    <message>
        <source>This machine has no address “{host}”</source>
        <translation>这台机器没有地址“{host}”</translation>
    </message>
    <message>
        <source>This machine is in no network</source>
        <translation>本机不在任何网络中</translation>
    </message>
    <message>
        <source>This version cannot read it. Update ServeScope, then open it again.</source>
        <translation>此版本无法读取。请升级 ServeScope，再打开它。</translation>
    </message>
    <message>
        <source>Too few requests were answered by {models}. Try fewer clients or another load.</source>
        <translation>{models}响应的请求太少。请减少客户端，或换一种负载。</translation>
    </message>
    <message>
        <source>Traced: its workers, their lines and its requests are seen</source>
        <translation>已跟踪：可以看到工作者、所在的行和请求</translation>
    </message>
    <message>
        <source>Use 127.0.0.1</source>
        <translation>使用 127.0.0.1</translation>
    </message>
    <message>
        <source>Use port {port}</source>
        <translation>使用端口 {port}</translation>
    </message>
    <message>
        <source>What decides</source>
        <translation>起决定作用的是</translation>
    </message>
    <message>
        <source>What was started with it before goes on.</source>
        <translation>之前用它启动的继续运行。</translation>
    </message>
    <message>
        <source>You may not do that at {path}. Choose another place.</source>
        <translation>没有权限在 {path} 这样做。请换一个位置。</translation>
    </message>
    <message>
        <source>Your share of the disk is used up. Make room, or choose another place.</source>
        <translation>你的磁盘配额已用完。请腾出空间，或换一个位置。</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>{best} instead of {worst} gives {ratio}× the requests.</source>
        <translation>用 {best} 代替 {worst}，请求数是原来的 {ratio} 倍。</translation>
    </message>
    <message>
        <source>{folder} is not there, or is no folder. Choose the folder whose pages are served.</source>
        <translation>{folder} 不存在，或不是文件夹。请选择网页所在的文件夹。</translation>
    </message>
    <message>
        <source>{models} would need a new interpreter for each client, and the load has too many. Try fewer clients.</source>
        <translation>{models}要为每个客户端启动新的解释器，而负载的客户端太多。请减少客户端。</translation>
    </message>
    <message>
        <source>{model} does not run on this system</source>
        <translation>{model}不能在此系统上运行</translation>
    </message>
    <message>
        <source>{name} could not start</source>
        <translation>{name} 无法启动</translation>
    </message>
    <message>
        <source>{name} ended with exit status {code}</source>
        <translation>{name} 已结束，退出状态 {code}</translation>
    </message>
    <message>
        <source>{name} was ended from outside</source>
        <translation>{name} 被外部终止</translation>
    </message>
    <message>
        <source>{path} is a folder. Choose another name.</source>
        <translation>{path} 是文件夹。请换一个名字。</translation>
    </message>
    <message>
        <source>{program} (process {pid}) listens there already. Stop it, or use another port.</source>
        <translation>{program}（进程 {pid}）已经在那里监听。请停止它，或换一个端口。</translation>
    </message>
    <message>
        <source>{reason} The recording has ended; what was written until then can be replayed.</source>
        <translation>{reason}录制已结束；在此之前写入的内容可以回放。</translation>
    </message>
    <message>
        <source>“{name}” can&apos;t be run</source>
        <translation>无法运行“{name}”</translation>
    </message>
    <message>
        <source>“{name}” comes from a newer ServeScope</source>
        <translation>“{name}”来自更新的 ServeScope</translation>
    </message>
    <message>
        <source>“{name}” could not be opened</source>
        <translation>无法打开“{name}”</translation>
    </message>
    <message>
        <source>“{name}” could not be written</source>
        <translation>无法写入“{name}”</translation>
    </message>
    <message>
        <source>“{name}” could not be written fast enough</source>
        <translation>“{name}”写入不够快</translation>
    </message>
    <message>
        <source>“{name}” is damaged from here on</source>
        <translation>“{name}”从这里开始损坏</translation>
    </message>
    <message>
        <source>“{name}” is empty</source>
        <translation>“{name}”是空的</translation>
    </message>
    <message>
        <source>“{name}” is not a recording</source>
        <translation>“{name}”不是录制文件</translation>
    </message>
    <message>
        <source>“{name}” is saved</source>
        <translation>“{name}”已保存</translation>
    </message>
</context>
<context>
    <name>export</name>
    <message>
        <source>* The load itself was the limit: the server could have done more.</source>
        <translation>* 负载本身是瓶颈：服务器还能做得更多。</translation>
    </message>
    <message>
        <source>A bar is relative to the highest value of its column.</source>
        <translation>色条的长短相对于该列的最大值。</translation>
    </message>
    <message>
        <source>CPU per request</source>
        <translation>每请求处理器时间</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Figures at this moment</source>
        <translation>此刻的数据</translation>
    </message>
    <message>
        <source>Latencies are as the clients saw them.</source>
        <translation>延迟为客户端所见。</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Requests/s</source>
        <translation>请求/秒</translation>
    </message>
    <message>
        <source>ServeScope report</source>
        <translation>ServeScope 报告</translation>
    </message>
    <message>
        <source>ServeScope report, {date}</source>
        <translation>ServeScope 报告，{date}</translation>
    </message>
    <message>
        <source>Settings, machine and versions</source>
        <translation>设置、机器和版本</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作者</translation>
    </message>
    <message>
        <source>{size} MiB</source>
        <translation>{size} MiB</translation>
    </message>
    <message>
        <source>≥: requests that timed out count with the time after which they were given up.</source>
        <translation>≥：超时的请求按放弃之前的时间计。</translation>
    </message>
</context>
<context>
    <name>facts</name>
    <message>
        <source>Cores</source>
        <translation>核数</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>{size} GiB</source>
        <translation>{size} GiB</translation>
    </message>
</context>
<context>
    <name>failures</name>
    <message>
        <source>{n} refused</source>
        <translation>{n} 个被拒绝</translation>
    </message>
    <message>
        <source>{n} reset</source>
        <translation>{n} 个被重置</translation>
    </message>
    <message>
        <source>{n} timed out</source>
        <translation>{n} 个超时</translation>
    </message>
    <message>
        <source>{n} with a bad reply</source>
        <translation>{n} 个响应有误</translation>
    </message>
    <message>
        <source>{n} with wrong bytes</source>
        <translation>{n} 个字节错误</translation>
    </message>
</context>
<context>
    <name>figures</name>
    <message numerus="yes">
        <source>%Ln process(es)</source>
        <translation>
            <numerusform>%Ln 个进程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln thread(s)</source>
        <translation>
            <numerusform>%Ln 个线程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln zombie(s)</source>
        <translation>
            <numerusform>%Ln 个僵尸进程</numerusform>
        </translation>
    </message>
    <message>
        <source>Accept queue</source>
        <translation>accept 队列</translation>
    </message>
    <message>
        <source>Accept queue time</source>
        <translation>accept 队列用时</translation>
    </message>
    <message>
        <source>Accepted connections</source>
        <translation>已 accept 的连接</translation>
    </message>
    <message>
        <source>Bytes handed to the kernel for clients in the last second.</source>
        <translation>最近一秒交给内核发给客户端的字节数。</translation>
    </message>
    <message>
        <source>Bytes/s</source>
        <translation>字节/秒</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>Clients of the load that wait for their connection or for a response.</source>
        <translation>正在等待连接或响应的负载客户端。</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Connections accepted since the start.</source>
        <translation>启动以来 accept 的连接。</translation>
    </message>
    <message>
        <source>Connections out of the queues</source>
        <translation>不在队列中的连接</translation>
    </message>
    <message>
        <source>Connections that are accepted, and do not wait in the pool&apos;s queue.</source>
        <translation>已 accept 且不在工作池的队列中等待的连接。</translation>
    </message>
    <message>
        <source>Connections that clients have open: those that the server has accepted, exact in every model, and those that wait in the kernel&apos;s accept queue.</source>
        <translation>客户端打开的连接：服务器已 accept 的（每个模型中都准确），以及在内核 accept 队列中等待的。</translation>
    </message>
    <message>
        <source>Connections that the server has accepted and not closed yet.</source>
        <translation>服务器已 accept、还没有关闭的连接。</translation>
    </message>
    <message>
        <source>Connections that wait in the kernel&apos;s accept queue.</source>
        <translation>在内核 accept 队列中等待的连接。</translation>
    </message>
    <message>
        <source>Connections, or requests, that wait in the pool&apos;s queue until a worker takes them.</source>
        <translation>在工作池的队列中等待工作者取走的连接或请求。</translation>
    </message>
    <message>
        <source>Context switches because a thread had to wait, and gave the processor up.</source>
        <translation>因线程必须等待、让出处理器而发生的上下文切换。</translation>
    </message>
    <message>
        <source>Context switches because the system gave the processor to another thread.</source>
        <translation>因系统把处理器交给另一个线程而发生的上下文切换。</translation>
    </message>
    <message>
        <source>Counts threads that lived for half a second or longer; with many threads it is estimated from some of them.</source>
        <translation>只计存活半秒以上的线程；线程很多时，由其中一部分估计。</translation>
    </message>
    <message>
        <source>Descriptors</source>
        <translation>文件描述符</translation>
    </message>
    <message>
        <source>Failed in the server</source>
        <translation>服务器中的失败</translation>
    </message>
    <message>
        <source>Failed requests</source>
        <translation>失败的请求</translation>
    </message>
    <message>
        <source>For how long the first of the waiting clients has waited.</source>
        <translation>等待的客户端中，第一个已等了多久。</translation>
    </message>
    <message>
        <source>How long requests at the p99 waited for the server to read them.</source>
        <translation>p99 的请求等了多久服务器才读取它。</translation>
    </message>
    <message>
        <source>How long requests at the p99 waited in the accept queue.</source>
        <translation>p99 的请求在 accept 队列中等了多久。</translation>
    </message>
    <message>
        <source>How long requests took in the last 5 seconds. p50: half of them took less; p99: one in a hundred took longer. As the clients see it, while the load runs: from a request&apos;s first byte, or from connecting where each request does, or in an open loop from when it was due, until the answer was whole. A request that was given up counts with the time until then, and ≥ says that the true value is larger. Without a load: inside the server, from when a request&apos;s bytes arrived until its reply&apos;s last byte was handed over, and where their arrival is not known, from the first read. When requests come too fast to report all of them, only 1 in so many connections is measured.</source>
        <translation>最近 5 秒请求的用时。p50：一半的请求比它快；p99：每一百个中有一个比它慢。负载运行时为客户端所见：从请求的第一个字节（每次新建连接时从连接开始，开环时从应发出时）到响应完整到达。放弃的请求按放弃之前的时间计，≥ 表示真实值更大。没有负载时为服务器内部：从数据到达到交出响应的最后一个字节；到达时间未知时，从第一次读取算起。请求太快、无法全部上报时，只测量若干个连接中的 1 个。</translation>
    </message>
    <message>
        <source>How many of the newest requests the worker answered that answered most.</source>
        <translation>最新的请求中，响应最多的工作者响应了多少。</translation>
    </message>
    <message>
        <source>How often the kernel was asked in the last second which connections are ready.</source>
        <translation>最近一秒询问内核哪些连接就绪的次数。</translation>
    </message>
    <message>
        <source>Involuntary</source>
        <translation>非自愿</translation>
    </message>
    <message>
        <source>Involuntary switches</source>
        <translation>非自愿切换</translation>
    </message>
    <message>
        <source>Latency · p50</source>
        <translation>延迟 · p50</translation>
    </message>
    <message>
        <source>Longest wait</source>
        <translation>最长等待</translation>
    </message>
    <message>
        <source>Measured connections: 1 in</source>
        <translation>测量的连接：每若干个取 1</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>Memory of the server with all its processes; below, where many are open, how much that is for each connection.</source>
        <translation>服务器及其所有进程的内存；打开的连接很多时，下方是每个连接的内存。</translation>
    </message>
    <message>
        <source>Memory of the server, divided by its connections.</source>
        <translation>服务器的内存除以连接数。</translation>
    </message>
    <message>
        <source>Memory per connection</source>
        <translation>每连接内存</translation>
    </message>
    <message>
        <source>Of all its processes together, without the thread that reports to this window.</source>
        <translation>所有进程的线程总数，不含向本窗口上报的线程。</translation>
    </message>
    <message>
        <source>Of how many connections the latency of one is measured.</source>
        <translation>每多少个连接测量一个的延迟。</translation>
    </message>
    <message>
        <source>One request in a hundred took longer.</source>
        <translation>每一百个请求中有一个比它慢。</translation>
    </message>
    <message>
        <source>Open connections</source>
        <translation>打开的连接</translation>
    </message>
    <message>
        <source>Open files and sockets of all its processes together.</source>
        <translation>所有进程打开的文件和套接字总数。</translation>
    </message>
    <message>
        <source>Polls/s</source>
        <translation>轮询/秒</translation>
    </message>
    <message>
        <source>Pool&apos;s queue</source>
        <translation>工作池的队列</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>Processes that have ended and have not been reaped.</source>
        <translation>已经结束、还没有被回收的进程。</translation>
    </message>
    <message>
        <source>Processor time of the server with all its processes; 100 % is one core kept fully busy.</source>
        <translation>服务器及其所有进程的处理器时间；100 % 是一个核完全占满。</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Requests answered in the last second, whatever the status. While the load runs, failed is what its clients saw fail while this server ran, as on the scoreboard. Otherwise the server counts what it did not understand, answered with a 5xx, or could not send to its end. Slow and rude clients provoke that on purpose: a request that takes too long is answered with 408.</source>
        <translation>最近一秒响应的请求数，不管状态码。负载运行时，“失败”是此服务器运行期间客户端看到的失败，与记分板相同；否则服务器统计它看不懂的、以 5xx 响应的，或没能发送完的请求。慢客户端和无礼客户端会有意引发失败：用时太久的请求以 408 响应。</translation>
    </message>
    <message>
        <source>Requests answered since the start.</source>
        <translation>启动以来响应的请求。</translation>
    </message>
    <message>
        <source>Requests that the clients of the load saw fail while this server ran; without a load, what the server counts as failed.</source>
        <translation>此服务器运行期间负载的客户端看到失败的请求；没有负载时，是服务器统计的失败。</translation>
    </message>
    <message>
        <source>Requests that were not understood, were answered with a 5xx, or whose reply was cut off.</source>
        <translation>看不懂的、以 5xx 响应的，或响应被中断的请求。</translation>
    </message>
    <message>
        <source>Requests/s</source>
        <translation>请求/秒</translation>
    </message>
    <message>
        <source>Running processes of the server.</source>
        <translation>服务器正在运行的进程。</translation>
    </message>
    <message>
        <source>Served connections</source>
        <translation>已服务的连接</translation>
    </message>
    <message>
        <source>Share of the busiest worker</source>
        <translation>最忙工作者的份额</translation>
    </message>
    <message>
        <source>The highest value of the last {n} seconds.</source>
        <translation>最近 {n} 秒的最大值。</translation>
    </message>
    <message>
        <source>The mean of the last {n} seconds.</source>
        <translation>最近 {n} 秒的平均值。</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Time until its turn</source>
        <translation>轮到之前的时间</translation>
    </message>
    <message>
        <source>Voluntary</source>
        <translation>自愿</translation>
    </message>
    <message>
        <source>Voluntary switches</source>
        <translation>自愿切换</translation>
    </message>
    <message>
        <source>Waiting clients</source>
        <translation>等待的客户端</translation>
    </message>
    <message>
        <source>What serves the connections: the model&apos;s own processes, threads or greenlets; a loop is one. Below: the processes and threads in which they run, without the thread that reports to this window. A zombie is a process that has ended and has not been reaped.</source>
        <translation>服务连接的东西：模型自己的进程、线程或协程；循环算一个。下方：它们所在的进程和线程，不含向本窗口上报的线程。僵尸进程是已经结束、还没有被回收的进程。</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>工作者</translation>
    </message>
    <message>
        <source>Zombies</source>
        <translation>僵尸进程</translation>
    </message>
    <message>
        <source>p99</source>
        <translation>p99</translation>
    </message>
    <message>
        <source>{title} · mean</source>
        <translation>{title} · 平均</translation>
    </message>
    <message>
        <source>{title} · mean of {n} s</source>
        <translation>{title} · {n} s 平均</translation>
    </message>
    <message>
        <source>{title} · peak</source>
        <translation>{title} · 峰值</translation>
    </message>
    <message>
        <source>{title} · peak of {n} s</source>
        <translation>{title} · {n} s 峰值</translation>
    </message>
</context>
<context>
    <name>marks</name>
    <message>
        <source>accepting</source>
        <translation>正在 accept</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>另有 {n} 个</translation>
    </message>
    <message>
        <source>between its calls</source>
        <translation>在两次调用之间</translation>
    </message>
    <message>
        <source>blocked by a slow client</source>
        <translation>被慢客户端阻塞</translation>
    </message>
    <message>
        <source>busy with connection {n}</source>
        <translation>忙于连接 {n}</translation>
    </message>
    <message>
        <source>closing</source>
        <translation>正在关闭</translation>
    </message>
    <message>
        <source>connection {n}</source>
        <translation>连接 {n}</translation>
    </message>
    <message>
        <source>going from client to client</source>
        <translation>逐个检查客户端</translation>
    </message>
    <message>
        <source>handling</source>
        <translation>正在处理</translation>
    </message>
    <message>
        <source>in {call}()</source>
        <translation>在 {call}() 中</translation>
    </message>
    <message>
        <source>longest {time}</source>
        <translation>最长 {time}</translation>
    </message>
    <message>
        <source>waiting for any client</source>
        <translation>等待任意客户端</translation>
    </message>
    <message>
        <source>waiting for the client</source>
        <translation>等待客户端</translation>
    </message>
    <message>
        <source>waiting for the next client</source>
        <translation>等待下一个客户端</translation>
    </message>
    <message>
        <source>waiting or handling</source>
        <translation>等待或处理</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>正在写</translation>
    </message>
    <message>
        <source>{busy}, {doing}</source>
        <translation>{busy}，{doing}</translation>
    </message>
    <message>
        <source>{doing} in {file}, line {line}</source>
        <translation>{doing}，在 {file} 第 {line} 行</translation>
    </message>
    <message>
        <source>{n} more here</source>
        <translation>这里另有 {n} 个</translation>
    </message>
    <message>
        <source>{n} {doing}</source>
        <translation>{n} 个{doing}</translation>
    </message>
</context>
<context>
    <name>mistakes</name>
    <message>
        <source>A client is removed from the list that the loop goes through, so the one behind it is passed over: look at the second `for`.</source>
        <translation>循环遍历列表时从中移除了客户端，所以它后面的一个被跳过：看第二个 `for`。</translation>
    </message>
    <message>
        <source>A socket that is closed has no descriptor any more and can&apos;t be unregistered, so the first client that leaves ends the server: look at the order of the two calls.</source>
        <translation>已关闭的套接字不再有文件描述符，无法 unregister，所以第一个离开的客户端就结束了服务器：看两个调用的顺序。</translation>
    </message>
    <message>
        <source>A task waits in a call that is not awaited, so one client that is slow to send stops all the others: look at the line with `recv`.</source>
        <translation>任务等在一个没有 await 的调用里，所以一个发送慢的客户端让其他所有客户端都停下：看有 `recv` 的那一行。</translation>
    </message>
    <message>
        <source>After a stop its closed connections keep the port for a minute, and no server can have it: look at what is not set before `bind`.</source>
        <translation>停止后，它关闭的连接把端口占住一分钟，任何服务器都不能使用：看 `bind` 之前没有设置什么。</translation>
    </message>
    <message>
        <source>An exception because of one client ends the loop, and with it the server for all: look at what `handle` does not catch.</source>
        <translation>一个客户端引起的异常结束了循环，服务器也就对所有客户端停止了：看 `handle` 没有捕获什么。</translation>
    </message>
    <message>
        <source>Events are compared with `==`, but a client that resets sends three in one number, and is reported for ever: look at the `if` above `handle`.</source>
        <translation>用 `==` 比较事件，但重置连接的客户端在一个数里带来三个事件，于是被永远上报：看 `handle` 上面的 `if`。</translation>
    </message>
    <message>
        <source>Nobody waits for the children that have ended, so each stays as a zombie: look for SIGCHLD, which is not handled.</source>
        <translation>没有人等待已结束的子进程，所以每个都成为僵尸进程：看 SIGCHLD，它没有被处理。</translation>
    </message>
    <message>
        <source>On a connection that stays open nothing says where the response ends, so the client waits for more: look at the lines of the head.</source>
        <translation>在保持打开的连接上，没有任何东西说明响应在哪里结束，所以客户端一直等待：看响应头的各行。</translation>
    </message>
    <message>
        <source>The kernel reports a change once, but only one `recv` follows it, so what is left is never read: look at what repeats in `handle`.</source>
        <translation>内核对一次变化只通知一次，但之后只有一次 `recv`，所以剩下的数据永远不会被读取：看 `handle` 中重复的是什么。</translation>
    </message>
    <message>
        <source>The listening socket was made before `patch_all`, so `accept` blocks the only thread and no greenlet ever runs: look at where it is called.</source>
        <translation>监听套接字在 `patch_all` 之前就创建了，所以 `accept` 阻塞唯一的线程，任何协程都不会运行：看它在哪里被调用。</translation>
    </message>
    <message>
        <source>The loop waits for each greenlet before it accepts again, so clients are answered one after the other: look at the last line of `serve`.</source>
        <translation>循环等每个协程结束才再次 accept，所以客户端被逐个响应：看 `serve` 的最后一行。</translation>
    </message>
    <message>
        <source>The parent does not close its copy of a client&apos;s socket, so a client that reads to the end, such as `nc`, waits until the next one is accepted: look below `fork`.</source>
        <translation>父进程没有关闭自己那份客户端套接字，所以读到末尾才结束的客户端（如 `nc`）要等到下一个客户端被 accept：看 `fork` 下面。</translation>
    </message>
    <message>
        <source>The path is put behind the root folder as the client wrote it, so `..` leads to any file: look at what is read. The link on its page shows it, in a folder made for that.</source>
        <translation>把客户端写的路径原样接在根文件夹后面，所以 `..` 可以通向任何文件：看读取的是什么。网页上的链接在专为此准备的文件夹中演示。</translation>
    </message>
    <message>
        <source>What one `recv` returns is taken for a whole request, so one that comes in two parts is never answered: look at what follows `recv`.</source>
        <translation>把一次 `recv` 的返回当成完整的请求，所以分两段到达的请求永远得不到响应：看 `recv` 之后的代码。</translation>
    </message>
    <message>
        <source>`send` takes only as much as there is room for, and the rest is thrown away: look at what is done with the number that it returns.</source>
        <translation>`send` 只取走放得下的部分，其余的被丢掉：看它返回的数怎样使用。</translation>
    </message>
</context>
<context>
    <name>models</name>
    <message>
        <source>A pool of workers</source>
        <translation>工作者池</translation>
    </message>
    <message>
        <source>A worker for each client</source>
        <translation>每个客户端一个工作者</translation>
    </message>
    <message>
        <source>Flask&apos;s server, Django&apos;s runserver, ThreadingHTTPServer</source>
        <translation>Flask 自带的服务器、Django 的 runserver、ThreadingHTTPServer</translation>
    </message>
    <message>
        <source>Greenlets</source>
        <translation>协程</translation>
    </message>
    <message>
        <source>Iterative</source>
        <translation>逐个服务</translation>
    </message>
    <message>
        <source>Linux</source>
        <translation>Linux</translation>
    </message>
    <message>
        <source>Linux and macOS</source>
        <translation>Linux 和 macOS</translation>
    </message>
    <message>
        <source>Non-blocking</source>
        <translation>非阻塞</translation>
    </message>
    <message>
        <source>Non-blocking + keep-alive</source>
        <translation>非阻塞 + 长连接</translation>
    </message>
    <message>
        <source>One after the other</source>
        <translation>逐个服务</translation>
    </message>
    <message>
        <source>One loop for all clients</source>
        <translation>一个循环服务所有客户端</translation>
    </message>
    <message>
        <source>PostgreSQL, inetd</source>
        <translation>PostgreSQL、inetd</translation>
    </message>
    <message>
        <source>Preforked processes</source>
        <translation>预派生多进程</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>多进程</translation>
    </message>
    <message>
        <source>Reactor + pool</source>
        <translation>Reactor + 线程池</translation>
    </message>
    <message>
        <source>Thread pool</source>
        <translation>线程池</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>多线程</translation>
    </message>
    <message>
        <source>Yours</source>
        <translation>你的</translation>
    </message>
    <message>
        <source>a file of yours that does not say what it is like, in {folder}</source>
        <translation>你的文件，没有说明像哪个模型，位于 {folder}</translation>
    </message>
    <message>
        <source>a file of yours, like {model}, in {folder}</source>
        <translation>你的文件，像{model}，位于 {folder}</translation>
    </message>
    <message>
        <source>asyncio</source>
        <translation>asyncio</translation>
    </message>
    <message>
        <source>asyncore</source>
        <translation>asyncore</translation>
    </message>
    <message>
        <source>asyncore with use_poll</source>
        <translation>asyncore（use_poll）</translation>
    </message>
    <message>
        <source>epoll</source>
        <translation>epoll</translation>
    </message>
    <message>
        <source>epoll, edge-triggered</source>
        <translation>epoll 边缘触发</translation>
    </message>
    <message>
        <source>gunicorn (sync, its default), uWSGI, Apache&apos;s prefork</source>
        <translation>gunicorn（默认的 sync）、uWSGI、Apache 的 prefork</translation>
    </message>
    <message>
        <source>gunicorn gevent, gevent.pywsgi</source>
        <translation>gunicorn gevent、gevent.pywsgi</translation>
    </message>
    <message>
        <source>gunicorn gthread, cheroot, Puma</source>
        <translation>gunicorn gthread、cheroot、Puma</translation>
    </message>
    <message>
        <source>http.server, wsgiref</source>
        <translation>http.server、wsgiref</translation>
    </message>
    <message>
        <source>needs {systems}</source>
        <translation>需要 {systems}</translation>
    </message>
    <message>
        <source>nginx</source>
        <translation>nginx</translation>
    </message>
    <message>
        <source>node, Redis, lighttpd</source>
        <translation>node、Redis、lighttpd</translation>
    </message>
    <message>
        <source>one client at a time; the others wait in the kernel&apos;s queue</source>
        <translation>一次一个客户端，其他的在内核队列中等待</translation>
    </message>
    <message>
        <source>one gevent greenlet per connection</source>
        <translation>每个连接一个 gevent 协程</translation>
    </message>
    <message>
        <source>one loop reads and writes, some threads call the application</source>
        <translation>一个循环负责读写，若干线程调用应用</translation>
    </message>
    <message>
        <source>one process per connection</source>
        <translation>每个连接一个进程</translation>
    </message>
    <message>
        <source>one task per connection, with await where it waits</source>
        <translation>每个连接一个任务，在等待处 await</translation>
    </message>
    <message>
        <source>one thread asks every socket, again and again</source>
        <translation>一个线程反复询问每个套接字</translation>
    </message>
    <message>
        <source>one thread per connection</source>
        <translation>每个连接一个线程</translation>
    </message>
    <message>
        <source>one thread; the kernel looks at a list of all sockets</source>
        <translation>一个线程；内核查看所有套接字的列表</translation>
    </message>
    <message>
        <source>one thread; the kernel says once what has changed</source>
        <translation>一个线程；有变化时内核只通知一次</translation>
    </message>
    <message>
        <source>one thread; the kernel says which are ready</source>
        <translation>一个线程；内核说明哪些已就绪</translation>
    </message>
    <message>
        <source>one thread; the same with any number of sockets</source>
        <translation>一个线程；同样做法，套接字数量不限</translation>
    </message>
    <message>
        <source>poll</source>
        <translation>poll</translation>
    </message>
    <message>
        <source>select</source>
        <translation>select</translation>
    </message>
    <message>
        <source>some processes, made at the start; all accept from one socket</source>
        <translation>启动时创建若干进程，都从同一个套接字 accept</translation>
    </message>
    <message>
        <source>some threads take clients from one queue</source>
        <translation>若干线程从一个队列取客户端</translation>
    </message>
    <message>
        <source>the same loop, connections stay open</source>
        <translation>同样的循环，连接保持打开</translation>
    </message>
    <message>
        <source>uvicorn, hypercorn, aiohttp</source>
        <translation>uvicorn、hypercorn、aiohttp</translation>
    </message>
    <message>
        <source>waitress</source>
        <translation>waitress</translation>
    </message>
</context>
<context>
    <name>parts</name>
    <message>
        <source>Of the {total} at p{percent} (newest {n} requests): {pieces}.</source>
        <translation>p{percent} 的 {total} 中（最新 {n} 个请求）：{pieces}。</translation>
    </message>
    <message>
        <source>accept queue</source>
        <translation>accept 队列</translation>
    </message>
    <message>
        <source>for a worker</source>
        <translation>等工作者</translation>
    </message>
    <message>
        <source>handling</source>
        <translation>处理</translation>
    </message>
    <message>
        <source>its turn</source>
        <translation>等待轮到</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>读取</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>写</translation>
    </message>
    <message>
        <source>{some} and {last}</source>
        <translation>{some}和 {last}</translation>
    </message>
    <message>
        <source>{time} from the first read</source>
        <translation>从第一次读取起 {time}</translation>
    </message>
    <message>
        <source>{time} handling</source>
        <translation>{time} 处理</translation>
    </message>
    <message>
        <source>{time} in the accept queue</source>
        <translation>{time} 在 accept 队列中</translation>
    </message>
    <message>
        <source>{time} reading the request</source>
        <translation>{time} 读取请求</translation>
    </message>
    <message>
        <source>{time} waiting for a worker</source>
        <translation>{time} 等待工作者</translation>
    </message>
    <message>
        <source>{time} waiting for its turn</source>
        <translation>{time} 等待轮到</translation>
    </message>
    <message>
        <source>{time} writing the reply</source>
        <translation>{time} 写响应</translation>
    </message>
</context>
<context>
    <name>problems</name>
    <message>
        <source>A class can&apos;t be let in where processes are spawned: each would count its requests by itself. Choose another model, or --start-method fork where the system has it.</source>
        <translation>在以 spawn 方式创建进程的模型中不能让全班加入：每个进程都会各自计数。请选择其他模型，或在系统支持时使用 --start-method fork。</translation>
    </message>
    <message>
        <source>A line on stdin is not an order: {reason}</source>
        <translation>标准输入中的一行不是命令：{reason}</translation>
    </message>
    <message>
        <source>A process of the load (process {pid}) has ended, and its clients with it. Start the load again.</source>
        <translation>负载的一个进程（进程 {pid}）及其客户端已结束。请重新启动负载。</translation>
    </message>
    <message>
        <source>A request could not be answered: {kind} at {place}. Other requests are answered. The traceback is in the error output.</source>
        <translation>有一个请求无法响应：{kind}，在 {place}。其他请求照常响应。回溯信息在错误输出中。</translation>
    </message>
    <message>
        <source>A worker of the model {model} ended with an error in line {line} of {file}: {error}. Others go on.</source>
        <translation>模型 {model} 的一个工作者出错结束，{file} 第 {line} 行：{error}。其他的继续运行。</translation>
    </message>
    <message>
        <source>Both ServeScope and the application&apos;s environment have: {packages}. ServeScope&apos;s own are used. Where that does not fit, run the application&apos;s own server as a guest.</source>
        <translation>ServeScope 和应用的环境都有：{packages}。使用 ServeScope 自己的。如果不合适，请把应用自己的服务器作为外部程序运行。</translation>
    </message>
    <message>
        <source>No new client can be accepted: {reason}. Clients that wait are accepted as others leave.</source>
        <translation>无法 accept 新的客户端：{reason}。等待的客户端在别的离开后被 accept。</translation>
    </message>
    <message>
        <source>Nothing listens at port {port}. Start the server first.</source>
        <translation>没有程序监听端口 {port}。请先启动服务器。</translation>
    </message>
    <message>
        <source>Only {most} clients can be connected at once. Others are rejected.</source>
        <translation>同时只能连接 {most} 个客户端，其余的被拒绝。</translation>
    </message>
    <message>
        <source>Python was started with {option}, which keeps the tracer out: connections, queue and processor are seen. Start the program without it to see its calls.</source>
        <translation>Python 启动时带有 {option}，跟踪器无法加载：能看到连接、队列和处理器。去掉它再启动程序，就能看到它的调用。</translation>
    </message>
    <message>
        <source>The Python at {place} does not say where its packages are: {reason}</source>
        <translation>{place} 的 Python 没有给出它的包在哪里：{reason}</translation>
    </message>
    <message>
        <source>The application did not start: {reason}</source>
        <translation>应用没有启动：{reason}</translation>
    </message>
    <message>
        <source>The application {app} answers with {kind}. It is sent as it is meant; WSGI wants an iterable of bytes, as in return [text.encode()].</source>
        <translation>应用 {app} 以 {kind} 响应，已按其本意发送；WSGI 要求可迭代的 bytes，例如 return [text.encode()]。</translation>
    </message>
    <message>
        <source>The body of {path} differs at or after byte {byte}. Such responses are counted as failures.</source>
        <translation>{path} 的响应体从第 {byte} 字节或其后开始不同。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The body of {path} differs from an earlier one. Such responses are counted as failures.</source>
        <translation>{path} 的响应体与之前的不同。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The body of {path} has {length} bytes instead of {right}. Such responses are counted as failures.</source>
        <translation>{path} 的响应体有 {length} 字节，应为 {right}。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The environment at {place} is of Python {version}, and ServeScope runs in {ours}: its packages can&apos;t be used here. The same application can run as a guest, in its own Python, or choose an environment of {ours}.</source>
        <translation>{place} 的环境是 Python {version}，而 ServeScope 运行在 {ours}：这里不能使用它的包。可以让同一应用在自己的 Python 中作为外部程序运行，或选择 {ours} 的环境。</translation>
    </message>
    <message>
        <source>The load continues unchanged: {reason}</source>
        <translation>负载照旧继续：{reason}</translation>
    </message>
    <message>
        <source>The model {model} ended with an error in line {line} of {file}: {error}.</source>
        <translation>模型 {model} 出错结束，{file} 第 {line} 行：{error}。</translation>
    </message>
    <message>
        <source>The module {module} has no {name}. It has these that can be called: {names}.</source>
        <translation>模块 {module} 没有 {name}。其中可调用的有：{names}。</translation>
    </message>
    <message>
        <source>The program can&apos;t listen at port {port} for another {seconds} s: {connections} of its last connections are in TIME_WAIT, in which the system keeps the port from a server that does not set SO_REUSEADDR.</source>
        <translation>程序还要 {seconds} s 才能监听端口 {port}：它最后的 {connections} 个连接处于 TIME_WAIT，此时系统不把端口给没有设置 SO_REUSEADDR 的服务器。</translation>
    </message>
    <message>
        <source>The program can&apos;t listen at port {port}: it is taken, and the system does not report by what.</source>
        <translation>程序无法监听端口 {port}：已被占用，系统没有说明被谁占用。</translation>
    </message>
    <message>
        <source>The program can&apos;t listen at port {port}: {program} (process {pid}) listens there. Stop it first.</source>
        <translation>程序无法监听端口 {port}：{program}（进程 {pid}）在那里监听。请先停止它。</translation>
    </message>
    <message>
        <source>The program has ended with exit status {status}.</source>
        <translation>程序已结束，退出状态 {status}。</translation>
    </message>
    <message>
        <source>The program has run for {seconds} s and does not listen at a TCP port. What it writes may say why; it may need another folder, or other arguments.</source>
        <translation>程序已运行 {seconds} s，没有监听任何 TCP 端口。它的输出可能说明原因；也许需要别的文件夹或别的参数。</translation>
    </message>
    <message>
        <source>The program listens at {addresses}. {shown} is shown.</source>
        <translation>程序监听 {addresses}。显示的是 {shown}。</translation>
    </message>
    <message>
        <source>The program was ended by the signal {signal}.</source>
        <translation>程序被信号 {signal} 终止。</translation>
    </message>
    <message>
        <source>The response to {path} continues after its end. Such responses are counted as failures.</source>
        <translation>对 {path} 的响应在末尾之后还有内容。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The response to {path} has status {status} instead of {wanted}. Such responses are counted as failures.</source>
        <translation>对 {path} 的响应状态码是 {status}，应为 {wanted}。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The response to {path} is not HTTP: {reason}. Such responses are counted as failures.</source>
        <translation>对 {path} 的响应不是 HTTP：{reason}。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The server asked to switch to another protocol. Such responses are counted as failures.</source>
        <translation>服务器要求切换到别的协议。这样的响应计为失败。</translation>
    </message>
    <message>
        <source>The sockets of {program} are not Python&apos;s: its connections, queue and processor are seen, not its calls. With uvloop, start it with the loop of asyncio to see more (uvicorn: --loop asyncio).</source>
        <translation>{program} 的套接字不是 Python 的：能看到它的连接、队列和处理器，看不到它的调用。如果用的是 uvloop，用 asyncio 的循环启动可以看到更多（uvicorn：--loop asyncio）。</translation>
    </message>
    <message>
        <source>The system gives no more workers: {reason}. Clients are rejected.</source>
        <translation>系统无法再提供工作者：{reason}。客户端被拒绝。</translation>
    </message>
    <message>
        <source>The system gives no more workers: {reason}. Fewer than are set serve clients until it does.</source>
        <translation>系统无法再提供工作者：{reason}。在此之前，提供服务的工作者少于所设的数量。</translation>
    </message>
    <message>
        <source>There is no Python at {place}. Choose an environment&apos;s folder, or its interpreter.</source>
        <translation>{place} 没有 Python。请选择环境的文件夹或它的解释器。</translation>
    </message>
    <message>
        <source>There is no folder {folder}. Choose the folder that holds the application&apos;s modules.</source>
        <translation>没有文件夹 {folder}。请选择应用的模块所在的文件夹。</translation>
    </message>
    <message>
        <source>There is no module {module} in {folder}. Choose the folder that holds it. Looked for in: {searched}.</source>
        <translation>{folder} 中没有模块 {module}。请选择它所在的文件夹。查找过：{searched}。</translation>
    </message>
    <message>
        <source>This machine does not have the address {host}. The program listens at {instead}, port {port}.</source>
        <translation>这台机器没有地址 {host}。程序改为监听 {instead}，端口 {port}。</translation>
    </message>
    <message>
        <source>This machine gives the load no more connections: {reason}. Use fewer clients, or keep connections.</source>
        <translation>这台机器无法再给负载更多连接：{reason}。请减少客户端，或保持连接。</translation>
    </message>
    <message>
        <source>What is reported can&apos;t be read: {reason}</source>
        <translation>上报的内容无法读取：{reason}</translation>
    </message>
    <message>
        <source>{app} is an ASGI application and runs in the loop: it can&apos;t be called in a thread. Leave that out.</source>
        <translation>{app} 是 ASGI 应用，在循环中运行，不能在线程中调用。请去掉那个选项。</translation>
    </message>
    <message>
        <source>{app} is an ASGI application, which has to be awaited: {model} calls WSGI applications. Choose {able}, or a WSGI application.</source>
        <translation>{app} 是 ASGI 应用，必须 await；{model}调用的是 WSGI 应用。请选择{able}，或换成 WSGI 应用。</translation>
    </message>
    <message>
        <source>{app} is called with {parameters}. A WSGI application takes (environ, start_response), an ASGI application (scope, receive, send).</source>
        <translation>{app} 的参数是 {parameters}。WSGI 应用的参数是 (environ, start_response)，ASGI 应用的参数是 (scope, receive, send)。</translation>
    </message>
    <message>
        <source>{app} is no application but {kind}, which can&apos;t be called. What can be called there: {names}.</source>
        <translation>{app} 不是应用，而是 {kind}，不能调用。其中可调用的有：{names}。</translation>
    </message>
    <message>
        <source>{app} takes {parameters}, so it is no application, but it may make one: try {app}().</source>
        <translation>{app} 的参数是 {parameters}，所以不是应用，但它也许能创建应用：试试 {app}()。</translation>
    </message>
    <message>
        <source>{file} does not say which model it is like, and is shown like {like}. Write as its first line, for example: # ServeScope: like select</source>
        <translation>{file} 没有说明像哪个模型，按 {like} 显示。请在第一行写明，例如：# ServeScope: like select</translation>
    </message>
    <message>
        <source>{module} can&apos;t be imported: {error} at {place}. Choose the environment that has this package.</source>
        <translation>无法导入 {module}：{error}，在 {place}。请选择有这个包的环境。</translation>
    </message>
    <message>
        <source>{module} can&apos;t be imported: {error} at {place}. The traceback is in the error output.</source>
        <translation>无法导入 {module}：{error}，在 {place}。回溯信息在错误输出中。</translation>
    </message>
    <message>
        <source>{module} in {meant} can&apos;t be imported, as another module has this name already: {found}. Rename the file, or run the application&apos;s own server as a guest.</source>
        <translation>无法导入 {meant} 中的 {module}，因为已有同名的模块：{found}。请重命名文件，或把应用自己的服务器作为外部程序运行。</translation>
    </message>
    <message>
        <source>{program} can&apos;t be started: {reason}.</source>
        <translation>无法启动 {program}：{reason}。</translation>
    </message>
    <message>
        <source>{program} did not load the tracer, as a frozen program or a Python before 3.9: connections, queue and processor are seen, not its calls.</source>
        <translation>{program} 没有加载跟踪器，例如打包的程序或 3.9 之前的 Python：能看到连接、队列和处理器，看不到它的调用。</translation>
    </message>
    <message>
        <source>{program} is no Python program: its connections, queue and processor are seen, not its calls.</source>
        <translation>{program} 不是 Python 程序：能看到它的连接、队列和处理器，看不到它的调用。</translation>
    </message>
    <message>
        <source>{program} ran before: its connections, queue and processor are seen. Open it from here to see its calls.</source>
        <translation>{program} 在此之前已经运行：能看到它的连接、队列和处理器。从这里打开它，才能看到它的调用。</translation>
    </message>
    <message>
        <source>{program} was started with an environment of its own, which keeps the tracer out: connections, queue and processor are seen, not its calls.</source>
        <translation>{program} 以自己的环境启动，跟踪器无法加载：能看到连接、队列和处理器，看不到它的调用。</translation>
    </message>
</context>
<context>
    <name>programs</name>
    <message>
        <source>Port {port}</source>
        <translation>端口 {port}</translation>
    </message>
</context>
<context>
    <name>queues</name>
    <message>
        <source>accept queue</source>
        <translation>accept 队列</translation>
    </message>
    <message>
        <source>connections that are accepted and no worker of the pool has taken yet</source>
        <translation>已 accept、工作池中还没有工作者取走的连接</translation>
    </message>
    <message>
        <source>connections that the kernel has made and nobody has accepted yet</source>
        <translation>内核已建立、还没有被 accept 的连接</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>pool&apos;s queue</source>
        <translation>工作池的队列</translation>
    </message>
    <message>
        <source>requests that the loop has read and no thread of the pool has taken yet</source>
        <translation>循环已读取、工作池中还没有线程取走的请求</translation>
    </message>
    <message>
        <source>{n} waiting</source>
        <translation>{n} 个在等待</translation>
    </message>
</context>
<context>
    <name>sentences</name>
    <message numerus="yes">
        <source>%Ln client(s) waiting</source>
        <translation>
            <numerusform>%Ln 个客户端在等待</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln connection(s) that nobody reads</source>
        <translation>
            <numerusform>%Ln 个没有人读取的连接</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln other(s) waiting</source>
        <translation>
            <numerusform>另有 %Ln 个在等</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln zombie(s)</source>
        <translation>
            <numerusform>%Ln 个僵尸进程</numerusform>
        </translation>
    </message>
    <message>
        <source>0 of {n} answered</source>
        <translation>{n} 个中响应了 0 个</translation>
    </message>
    <message>
        <source>Each worker spends at least {share} % of its time waiting at {place}</source>
        <translation>每个工作者至少有 {share} % 的时间在 {place} 等待</translation>
    </message>
    <message>
        <source>Each worker spends {share} % of its time waiting at {place}</source>
        <translation>每个工作者有 {share} % 的时间在 {place} 等待</translation>
    </message>
    <message>
        <source>The loop computed for {time} without a break</source>
        <translation>循环连续计算了 {time}</translation>
    </message>
    <message>
        <source>The loop computes for {time} inside connection {n}</source>
        <translation>循环在连接 {n} 中计算 {time}</translation>
    </message>
    <message>
        <source>The loop waits {time} in a call inside connection {n}</source>
        <translation>循环在连接 {n} 的调用中等待 {time}</translation>
    </message>
    <message>
        <source>The loop was blocked for {time} in a call</source>
        <translation>循环在一个调用中阻塞了 {time}</translation>
    </message>
    <message>
        <source>The worker spends {share} % of its time waiting at {place}</source>
        <translation>工作者有 {share} % 的时间在 {place} 等待</translation>
    </message>
    <message>
        <source>computes {time}</source>
        <translation>计算 {time}</translation>
    </message>
    <message>
        <source>one after the other: {n} steps of {time}</source>
        <translation>逐个进行：{n} 步，每步 {time}</translation>
    </message>
    <message>
        <source>one line</source>
        <translation>同一行</translation>
    </message>
    <message>
        <source>one worker got {share} % of the connections, an even share is {even} %</source>
        <translation>一个工作者得到了 {share} % 的连接，平均份额是 {even} %</translation>
    </message>
    <message>
        <source>one worker got {share} % of the requests, an even share is {even} %</source>
        <translation>一个工作者得到了 {share} % 的请求，平均份额是 {even} %</translation>
    </message>
    <message>
        <source>side by side: {n} at once, {time} each</source>
        <translation>同时进行：{n} 个一起，每个 {time}</translation>
    </message>
    <message>
        <source>some of them at {file}, line {line}</source>
        <translation>其中一些在 {file} 第 {line} 行</translation>
    </message>
    <message>
        <source>the rest it waits for a processor</source>
        <translation>其余时间在等处理器</translation>
    </message>
    <message>
        <source>the rest it waits for the interpreter&apos;s lock or a processor</source>
        <translation>其余时间在等解释器锁或处理器</translation>
    </message>
    <message>
        <source>waits {time}</source>
        <translation>等待 {time}</translation>
    </message>
    <message>
        <source>{clients} while a processor is idle</source>
        <translation>{clients}，而有处理器空闲</translation>
    </message>
    <message>
        <source>{file}, line {line}</source>
        <translation>{file} 第 {line} 行</translation>
    </message>
    <message>
        <source>{n} compute, each {share} %</source>
        <translation>{n} 个在计算，各占 {share} %</translation>
    </message>
    <message>
        <source>{n} in the pool&apos;s queue: all {workers} blocked by slow clients</source>
        <translation>{n} 个在工作池的队列中：全部{workers}都被慢客户端阻塞</translation>
    </message>
    <message>
        <source>{n} polls a second for {connections}</source>
        <translation>为 {connections}每秒轮询 {n} 次</translation>
    </message>
    <message>
        <source>{n} wait in a call</source>
        <translation>{n} 个等在调用中</translation>
    </message>
    <message>
        <source>{n} waiting for accept, with {workers} free: each has a queue of its own</source>
        <translation>{n} 个在等待 accept，而 {workers}空闲：各有自己的队列</translation>
    </message>
    <message>
        <source>{n} waiting for accept: all {workers} blocked by slow clients</source>
        <translation>{n} 个在等待 accept：全部{workers}都被慢客户端阻塞</translation>
    </message>
    <message>
        <source>{n} waiting for accept: all {workers} busy</source>
        <translation>{n} 个在等待 accept：全部 {workers}都忙</translation>
    </message>
    <message>
        <source>{n} waiting for accept: the loop is blocked by a slow client</source>
        <translation>{n} 个在等待 accept：循环被一个慢客户端阻塞</translation>
    </message>
    <message>
        <source>{share} % arrived: the rest of what was to be sent is lost</source>
        <translation>{share} % 已到达：要发送的其余部分丢失了</translation>
    </message>
    <message>
        <source>{share} % waiting at {place}</source>
        <translation>{share} % 的时间在 {place} 等待</translation>
    </message>
    <message>
        <source>{workers} compute at the same time, each on a processor of its own</source>
        <translation>{workers}同时计算，各占一个处理器</translation>
    </message>
    <message>
        <source>{workers} compute at the same time: each runs {share} % of the time</source>
        <translation>{workers}同时计算：每个运行 {share} % 的时间</translation>
    </message>
    <message>
        <source>{workers} wait in a call at the same time, {time} each</source>
        <translation>{workers}同时等在调用中，每个 {time}</translation>
    </message>
    <message>
        <source>{worker} computes for {time}: no other one runs meanwhile</source>
        <translation>{worker} 计算 {time}：其间别的都不运行</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message numerus="yes">
        <source>%Ln client(s)</source>
        <translation>
            <numerusform>%Ln 个客户端</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln load process(es)</source>
        <translation>
            <numerusform>%Ln 个负载进程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln process(es)</source>
        <translation>
            <numerusform>%Ln 个进程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln slow client(s)</source>
        <translation>
            <numerusform>%Ln 个慢客户端</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln thread(s)</source>
        <translation>
            <numerusform>%Ln 个线程</numerusform>
        </translation>
    </message>
    <message>
        <source>.. leaves the root</source>
        <translation>.. 越出根文件夹</translation>
    </message>
    <message>
        <source>A file of requests to send instead, each line as GET /items 80 or POST /order body.json 20; or an access log</source>
        <translation>改为发送文件中的请求，每行如 GET /items 80 或 POST /order body.json 20；也可以是访问日志</translation>
    </message>
    <message>
        <source>A program of yours that is run instead of a model, as “-m gunicorn -w 3 shop:app”; or the port of a server that already runs</source>
        <translation>代替模型运行的你的程序，如“-m gunicorn -w 3 shop:app”；或已在运行的服务器的端口</translation>
    </message>
    <message>
        <source>A socket each</source>
        <translation>各自的套接字</translation>
    </message>
    <message>
        <source>Accept queue</source>
        <translation>accept 队列</translation>
    </message>
    <message>
        <source>All cores</source>
        <translation>所有核</translation>
    </message>
    <message>
        <source>Call the application in a thread of a pool, so that it does not stop the loop</source>
        <translation>在线程池的线程中调用应用，使它不会让循环停下</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Each process listens with a socket and a queue of its own (SO_REUSEPORT)</source>
        <translation>每个进程用自己的套接字和队列监听（SO_REUSEPORT）</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>主机</translation>
    </message>
    <message>
        <source>How a process is made for each client</source>
        <translation>怎样为每个客户端创建进程</translation>
    </message>
    <message>
        <source>How long a work page works before it responds</source>
        <translation>工作网页在响应之前工作多久</translation>
    </message>
    <message>
        <source>How long connections last under the load: kept, where a server whose clients share workers closes one while others wait; one for each request; as each model is taught; or always kept</source>
        <translation>负载下连接保持多久：保持（工作者由客户端共用的服务器，在有人等待时会关闭一个）；每个请求一个；按各模型默认；或一直保持</translation>
    </message>
    <message>
        <source>How many accepted connections may wait for a thread of the pool</source>
        <translation>最多多少个已 accept 的连接可以等待线程池的线程</translation>
    </message>
    <message>
        <source>How many processes serve clients</source>
        <translation>多少个进程服务客户端</translation>
    </message>
    <message>
        <source>How many threads the pool has</source>
        <translation>线程池有多少线程</translation>
    </message>
    <message>
        <source>How the clients behave</source>
        <translation>客户端的行为</translation>
    </message>
    <message>
        <source>How to serve many clients at once: a model, or the path of a file of yours</source>
        <translation>怎样同时服务许多客户端：模型，或你的文件的路径</translation>
    </message>
    <message>
        <source>In a thread</source>
        <translation>在线程中</translation>
    </message>
    <message>
        <source>Keep-alive</source>
        <translation>长连接</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言 / Language</translation>
    </message>
    <message>
        <source>Light or dark</source>
        <translation>浅色或深色</translation>
    </message>
    <message>
        <source>No folder is named. Choose the folder to serve.</source>
        <translation>没有指定文件夹。请选择要提供的文件夹。</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>Processes</source>
        <translation>进程</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>Requests per second, sent at even intervals (open loop): latency counts from when a request is due; 0: each client sends its next request after the response (closed loop)</source>
        <translation>每秒请求数，均匀发出（开环）：延迟从应发出时算起；0：每个客户端得到响应后再发下一个（闭环）</translation>
    </message>
    <message>
        <source>Restart when saved</source>
        <translation>保存时重启</translation>
    </message>
    <message>
        <source>Root folder</source>
        <translation>根文件夹</translation>
    </message>
    <message>
        <source>Run on every core: slower, as threads hand one lock from core to core</source>
        <translation>在所有核上运行：更慢，因为线程要在核之间传递同一把锁</translation>
    </message>
    <message>
        <source>Serve clients on other machines one page only, made for the phones of a class, by name and within limits</source>
        <translation>对其他机器上的客户端只提供一个页面，专为全班的手机准备，按名字显示并有限制</translation>
    </message>
    <message>
        <source>Serve with one thing wrong, to see what follows</source>
        <translation>带着一个错误提供服务，看会有什么后果</translation>
    </message>
    <message>
        <source>Start again with a file of yours by itself, when it was saved and can be run</source>
        <translation>你的文件保存后，只要能运行，就自动用它重新启动</translation>
    </message>
    <message>
        <source>Start method</source>
        <translation>启动方式</translation>
    </message>
    <message>
        <source>The WSGI or ASGI application to serve instead of the folder; with () at its end, what makes it</source>
        <translation>代替文件夹运行的 WSGI 或 ASGI 应用；末尾带 () 则是创建它的函数</translation>
    </message>
    <message>
        <source>The address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for the network</source>
        <translation>监听的地址：127.0.0.1 只供本机访问，0.0.0.0 供网络访问</translation>
    </message>
    <message>
        <source>The folder in which that program runs</source>
        <translation>该程序运行时所在的文件夹</translation>
    </message>
    <message>
        <source>The folder of the application&apos;s modules, in which it runs</source>
        <translation>应用的模块所在的文件夹，应用在其中运行</translation>
    </message>
    <message>
        <source>The folder with the files to serve</source>
        <translation>要提供的文件所在的文件夹</translation>
    </message>
    <message>
        <source>The interpreter of that program; else that of its folder&apos;s environment, or python3</source>
        <translation>该程序的解释器；没有则用其文件夹中环境的解释器，或 python3</translation>
    </message>
    <message>
        <source>The interpreter or the folder of the environment with the application&apos;s packages, of the same Python version</source>
        <translation>应用的包所在的环境：解释器或文件夹，Python 版本须相同</translation>
    </message>
    <message>
        <source>The language of the window</source>
        <translation>窗口的语言</translation>
    </message>
    <message>
        <source>The most connections that may wait in the kernel&apos;s queue until they are accepted</source>
        <translation>内核队列中最多能有多少连接等待 accept</translation>
    </message>
    <message>
        <source>The number of additional clients that send their request one byte a second</source>
        <translation>另外加入的慢客户端数量，它们每秒只发送请求的一个字节</translation>
    </message>
    <message>
        <source>The number of clients</source>
        <translation>客户端的数量</translation>
    </message>
    <message>
        <source>The order of those requests: the same for the same number</source>
        <translation>这些请求的顺序：相同的数得到相同的顺序</translation>
    </message>
    <message>
        <source>The port to listen on; 0 takes any free port</source>
        <translation>监听的端口；0 表示任意空闲端口</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>There is no file {path}, or it is not UTF-8. Choose one that exists.</source>
        <translation>没有文件 {path}，或它不是 UTF-8。请选择存在的文件。</translation>
    </message>
    <message>
        <source>There is no folder {path}. Choose one that exists.</source>
        <translation>没有文件夹 {path}。请选择存在的文件夹。</translation>
    </message>
    <message>
        <source>There is no model {text!r}. Choose one of {models}, or the path of a file of yours that ends in .py.</source>
        <translation>没有模型 {text!r}。请选择 {models} 之一，或你的以 .py 结尾的文件的路径。</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程</translation>
    </message>
    <message>
        <source>Whether a connection stays open after a response; while the window&apos;s load is on, its Connections decide</source>
        <translation>响应后连接是否保持打开；窗口的负载运行时，由负载的“连接”决定</translation>
    </message>
    <message>
        <source>a blocking call in a task</source>
        <translation>任务中的阻塞调用</translation>
    </message>
    <message>
        <source>a connection per request</source>
        <translation>每个请求一个连接</translation>
    </message>
    <message>
        <source>a method and a path are needed, as GET /items 80</source>
        <translation>需要方法和路径，如 GET /items 80</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数</translation>
    </message>
    <message>
        <source>a number from {least} to {most}</source>
        <translation>{least} 到 {most} 的数</translation>
    </message>
    <message>
        <source>a number of {least} or more</source>
        <translation>不小于 {least} 的数</translation>
    </message>
    <message>
        <source>a queue of {n}</source>
        <translation>队列长 {n}</translation>
    </message>
    <message>
        <source>a quotation mark in “{text}” has no partner</source>
        <translation>“{text}”中有一个引号没有配对</translation>
    </message>
    <message>
        <source>a socket each</source>
        <translation>各自的套接字</translation>
    </message>
    <message>
        <source>a text that is not empty</source>
        <translation>非空的文本</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>a whole number from {least} to {most}</source>
        <translation>{least} 到 {most} 的整数</translation>
    </message>
    <message>
        <source>a whole number of {least} or more</source>
        <translation>不小于 {least} 的整数</translation>
    </message>
    <message>
        <source>always kept</source>
        <translation>一直保持</translation>
    </message>
    <message>
        <source>as each model&apos;s default</source>
        <translation>按各模型的默认</translation>
    </message>
    <message>
        <source>as taught</source>
        <translation>按模型默认</translation>
    </message>
    <message>
        <source>as the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>closed before unregister</source>
        <translation>先关闭后 unregister</translation>
    </message>
    <message>
        <source>closed loop</source>
        <translation>闭环</translation>
    </message>
    <message>
        <source>connections kept</source>
        <translation>连接保持</translation>
    </message>
    <message>
        <source>dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>event == EPOLLIN</source>
        <translation>event == EPOLLIN</translation>
    </message>
    <message>
        <source>fork: a copy of the server</source>
        <translation>fork：复制服务器</translation>
    </message>
    <message>
        <source>how often it is sent is a number above 0, not {word}</source>
        <translation>发送次数应为大于 0 的数，不能是 {word}</translation>
    </message>
    <message>
        <source>in a thread</source>
        <translation>在线程中</translation>
    </message>
    <message>
        <source>joinall in the accept loop</source>
        <translation>accept 循环里的 joinall</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>保持</translation>
    </message>
    <message>
        <source>kept also while others wait</source>
        <translation>有人等待时也保持</translation>
    </message>
    <message>
        <source>light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>mistake: {n}</source>
        <translation>错误：{n}</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
    <message>
        <source>no Content-Length</source>
        <translation>没有 Content-Length</translation>
    </message>
    <message>
        <source>no SO_REUSEADDR</source>
        <translation>没有 SO_REUSEADDR</translation>
    </message>
    <message>
        <source>no program is named</source>
        <translation>没有指定程序</translation>
    </message>
    <message>
        <source>no waitpid</source>
        <translation>没有 waitpid</translation>
    </message>
    <message>
        <source>off: a connection for each request</source>
        <translation>关：每个请求一个连接</translation>
    </message>
    <message>
        <source>on all cores</source>
        <translation>在所有核上</translation>
    </message>
    <message>
        <source>on: connections stay open</source>
        <translation>开：连接保持打开</translation>
    </message>
    <message>
        <source>one a request</source>
        <translation>每请求一个</translation>
    </message>
    <message>
        <source>one exception ends the loop</source>
        <translation>一个异常结束循环</translation>
    </message>
    <message>
        <source>one of {choices}</source>
        <translation>以下之一：{choices}</translation>
    </message>
    <message>
        <source>one recv is a request</source>
        <translation>一次 recv 当成一个请求</translation>
    </message>
    <message>
        <source>open loop at {rate}</source>
        <translation>开环 {rate}</translation>
    </message>
    <message>
        <source>patched too late</source>
        <translation>打补丁太晚</translation>
    </message>
    <message>
        <source>reads once</source>
        <translation>只读一次</translation>
    </message>
    <message>
        <source>removes while iterating</source>
        <translation>遍历时移除</translation>
    </message>
    <message>
        <source>requests of {n}</source>
        <translation>{n} 中的请求</translation>
    </message>
    <message>
        <source>seed {n}</source>
        <translation>种子 {n}</translation>
    </message>
    <message>
        <source>send without the rest</source>
        <translation>send 丢掉剩余</translation>
    </message>
    <message>
        <source>serves {n}</source>
        <translation>运行 {n}</translation>
    </message>
    <message>
        <source>side by side</source>
        <translation>并排</translation>
    </message>
    <message>
        <source>spawn: a new interpreter</source>
        <translation>spawn：新的解释器</translation>
    </message>
    <message>
        <source>spawned</source>
        <translation>spawn</translation>
    </message>
    <message>
        <source>the body in {word} is longer than 16 MiB</source>
        <translation>{word} 中的请求体超过 16 MiB</translation>
    </message>
    <message>
        <source>the file of the body, {word}, can&apos;t be read: {reason}</source>
        <translation>无法读取请求体的文件 {word}：{reason}</translation>
    </message>
    <message>
        <source>the parent keeps the socket</source>
        <translation>父进程留着套接字</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 或 false</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>{file} can&apos;t be read: {reason}</source>
        <translation>无法读取 {file}：{reason}</translation>
    </message>
    <message>
        <source>{file} has no request. A line is as GET /items 80.</source>
        <translation>{file} 中没有请求。一行的写法如 GET /items 80。</translation>
    </message>
    <message>
        <source>{file}, line {line}: {reason}</source>
        <translation>{file} 第 {line} 行：{reason}</translation>
    </message>
    <message>
        <source>{name} can&apos;t be {value!r}: use {range}</source>
        <translation>{name} 不能是 {value!r}：请用{range}</translation>
    </message>
    <message>
        <source>{n} ms of work</source>
        <translation>{n} ms 的工作</translation>
    </message>
    <message>
        <source>{text!r} does not name an application. Write the module, a colon and the name in it: shop:app is app in shop.py.</source>
        <translation>{text!r} 不是应用的写法。请写模块、冒号和其中的名字：shop:app 是 shop.py 中的 app。</translation>
    </message>
    <message>
        <source>{text!r} is not a host. Use a name or an address, as 127.0.0.1, ::1 or 0.0.0.0.</source>
        <translation>{text!r} 不是主机。请用名字或地址，如 127.0.0.1、::1 或 0.0.0.0。</translation>
    </message>
    <message>
        <source>{text!r} is not valid: use {range}</source>
        <translation>{text!r} 无效：请用{range}</translation>
    </message>
    <message>
        <source>{title}: {n}</source>
        <translation>{title}：{n}</translation>
    </message>
    <message>
        <source>{word} is not a method that can be sent: use {methods}</source>
        <translation>{word} 不是可以发送的方法：请用 {methods}</translation>
    </message>
    <message>
        <source>{word} is not a path: it begins with / and is ASCII</source>
        <translation>{word} 不是路径：路径以 / 开头，且为 ASCII</translation>
    </message>
    <message>
        <source>{word} is one word too many: a method, a path, a file and a number</source>
        <translation>多了一个词 {word}：应为方法、路径、文件和次数</translation>
    </message>
</context>
<context>
    <name>shares</name>
    <message>
        <source>Here is drawn which worker gets how many connections, where several take turns.</source>
        <translation>有多个工作者轮流时，这里显示每个工作者得到多少连接。</translation>
    </message>
</context>
<context>
    <name>states</name>
    <message>
        <source>accepting</source>
        <translation>accept</translation>
    </message>
    <message>
        <source>blocked by a slow client</source>
        <translation>被慢客户端阻塞</translation>
    </message>
    <message>
        <source>computing</source>
        <translation>计算</translation>
    </message>
    <message>
        <source>free: no client to serve</source>
        <translation>空闲：没有要服务的客户端</translation>
    </message>
    <message>
        <source>handling</source>
        <translation>处理</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation>尚未知</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>没有运行</translation>
    </message>
    <message>
        <source>reading</source>
        <translation>读</translation>
    </message>
    <message>
        <source>ready, waiting for its turn</source>
        <translation>就绪，等待轮到</translation>
    </message>
    <message>
        <source>waiting for the client</source>
        <translation>等待客户端</translation>
    </message>
    <message>
        <source>waiting in a call</source>
        <translation>等在调用中</translation>
    </message>
    <message>
        <source>writing</source>
        <translation>写</translation>
    </message>
</context>
<context>
    <name>store</name>
    <message numerus="yes">
        <source>%Ln row(s) can&apos;t be read</source>
        <translation>
            <numerusform>%Ln 行无法读取</numerusform>
        </translation>
    </message>
    <message>
        <source>All rows of this window are now saved in {file}.</source>
        <translation>本窗口的所有行都已保存到 {file}。</translation>
    </message>
    <message>
        <source>Not all rows of the scoreboard are shown</source>
        <translation>记分板没有显示所有行</translation>
    </message>
    <message>
        <source>The saved scoreboard is damaged</source>
        <translation>保存的记分板已损坏</translation>
    </message>
    <message>
        <source>The scoreboard cannot be saved at the moment</source>
        <translation>记分板暂时无法保存</translation>
    </message>
    <message>
        <source>The scoreboard is saved again</source>
        <translation>记分板又可以保存了</translation>
    </message>
    <message>
        <source>{file}: {error}. It was renamed to {aside}, unchanged, and an empty scoreboard was started.</source>
        <translation>{file}：{error}。已原样改名为 {aside}，并新建了空的记分板。</translation>
    </message>
    <message>
        <source>{file}: {error}. The file is left as it is. Rows stay in this window, and saving is tried again with each change; rows that are not saved are lost when the window is closed.</source>
        <translation>{file}：{error}。文件保持原样。各行留在本窗口中，每次改动都会再次尝试保存；没有保存的行在关闭窗口后丢失。</translation>
    </message>
    <message>
        <source>{file}: {rows}. What can&apos;t be read stays there, but is not shown.</source>
        <translation>{file}：{rows}。无法读取的内容留在文件中，但不显示。</translation>
    </message>
</context>
<context>
    <name>summary</name>
    <message numerus="yes">
        <source>%Ln request(s) to {model} failed.</source>
        <translation>
            <numerusform>发给{model}的 %Ln 个请求失败。</numerusform>
        </translation>
    </message>
    <message>
        <source>1/{number} of the memory</source>
        <translation> 1/{number}</translation>
    </message>
    <message numerus="yes">
        <source>Left out: %Ln row(s) under other settings.</source>
        <translation>
            <numerusform>未计入：其他设置下的 %Ln 行。</numerusform>
        </translation>
    </message>
    <message>
        <source>The slowest of 100 responses took {least} with {best} and {most} with {worst}: {ratio} as long.</source>
        <translation>100 个响应中最慢的一个，{best}用 {least}，{worst}用 {most}：是前者的 {ratio}。</translation>
    </message>
    <message>
        <source>Under this load, no difference between the models is larger than the spread of the rounds.</source>
        <translation>在此负载下，各模型之间的差别不超过各轮之间的波动。</translation>
    </message>
    <message>
        <source>at least {amount}</source>
        <translation>至少 {amount}</translation>
    </message>
    <message>
        <source>half the memory</source>
        <translation>一半</translation>
    </message>
    <message>
        <source>{best} answered {rate} requests a second, {worst} none.</source>
        <translation>{best}每秒响应 {rate} 个请求，{worst}一个也没有。</translation>
    </message>
    <message>
        <source>{best} answered {ratio} as many requests as {worst} with {memory}.</source>
        <translation>{best}响应的请求数是{worst}的 {ratio}，内存是它的{memory}。</translation>
    </message>
    <message>
        <source>{best} answered {ratio} as many requests as {worst}.</source>
        <translation>{best}响应的请求数是{worst}的 {ratio}。</translation>
    </message>
    <message>
        <source>{best} needed {memory} that {worst} needed.</source>
        <translation>{best}所用的内存是{worst}的{memory}。</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <translation>{number} ms</translation>
    </message>
    <message>
        <source>{number}×</source>
        <translation>{number} 倍</translation>
    </message>
    <message>
        <source>{ratio} the memory</source>
        <translation> {ratio}</translation>
    </message>
</context>
<context>
    <name>tiles</name>
    <message>
        <source>Red, with an arrow: it has grown all through the last 15 seconds.</source>
        <translation>带箭头的红色：最近 15 秒一直在增长。</translation>
    </message>
    <message>
        <source>accept queue not known</source>
        <translation>accept 队列未知</translation>
    </message>
    <message>
        <source>as the clients see it</source>
        <translation>客户端所见</translation>
    </message>
    <message>
        <source>clients&apos; side</source>
        <translation>客户端一侧</translation>
    </message>
    <message>
        <source>clients&apos; side, from when due</source>
        <translation>客户端一侧，从应发出时算起</translation>
    </message>
    <message>
        <source>from when due</source>
        <translation>从应发出时算起</translation>
    </message>
    <message>
        <source>no answers</source>
        <translation>没有响应</translation>
    </message>
    <message>
        <source>no answers lately</source>
        <translation>最近没有响应</translation>
    </message>
    <message>
        <source>no processor is idle</source>
        <translation>没有处理器空闲</translation>
    </message>
    <message>
        <source>no requests lately</source>
        <translation>最近没有请求</translation>
    </message>
    <message>
        <source>none is idle</source>
        <translation>无空闲</translation>
    </message>
    <message>
        <source>of one core</source>
        <translation>占一个核</translation>
    </message>
    <message>
        <source>queue not known</source>
        <translation>队列未知</translation>
    </message>
    <message>
        <source>server side</source>
        <translation>服务器一侧</translation>
    </message>
    <message>
        <source>server side · 1 in {sample_every}</source>
        <translation>服务器一侧 · 1/{sample_every}</translation>
    </message>
    <message>
        <source>server side · 1 in {sample_every} connections</source>
        <translation>服务器一侧 · 每 {sample_every} 个连接取 1 个</translation>
    </message>
    <message>
        <source>server, 1 in {sample_every}</source>
        <translation>服务器，1/{sample_every}</translation>
    </message>
    <message>
        <source>{accepted} accepted in all</source>
        <translation>共 accept {accepted} 个</translation>
    </message>
    <message>
        <source>{accepted} in all</source>
        <translation>共 {accepted} 个</translation>
    </message>
    <message>
        <source>{failed_in_server} failed, none of the load&apos;s</source>
        <translation>{failed_in_server} 个失败，都不是负载的</translation>
    </message>
    <message>
        <source>{failed_in_server} not the load&apos;s</source>
        <translation>{failed_in_server} 个非负载</translation>
    </message>
    <message>
        <source>{failed_in_server} on purpose</source>
        <translation>{failed_in_server} 个有意</translation>
    </message>
    <message>
        <source>{failed_in_server} rejected on purpose</source>
        <translation>{failed_in_server} 个有意拒绝</translation>
    </message>
    <message>
        <source>{failed} failed</source>
        <translation>{failed} 个失败</translation>
    </message>
    <message>
        <source>{memory_per_connection} each</source>
        <translation>每个 {memory_per_connection}</translation>
    </message>
    <message>
        <source>{memory_per_connection} per connection</source>
        <translation>每个连接 {memory_per_connection}</translation>
    </message>
    <message>
        <source>{p99} p99</source>
        <translation>p99 {p99}</translation>
    </message>
    <message>
        <source>{processes} in all</source>
        <translation>共 {processes}</translation>
    </message>
    <message>
        <source>{processes}, {threads} in all</source>
        <translation>共 {processes}、{threads}</translation>
    </message>
    <message>
        <source>{queued} wait</source>
        <translation>{queued} 个等待</translation>
    </message>
    <message>
        <source>{queued} wait for accept</source>
        <translation>{queued} 个等待 accept</translation>
    </message>
    <message>
        <source>{requests} in all</source>
        <translation>共 {requests} 个</translation>
    </message>
    <message>
        <source>{served} served</source>
        <translation>{served} 个已服务</translation>
    </message>
    <message>
        <source>{served} served, {queued} wait</source>
        <translation>{served} 个已服务，{queued} 个等待</translation>
    </message>
    <message>
        <source>{served} served, {queued} wait for accept</source>
        <translation>{served} 个已服务，{queued} 个等待 accept</translation>
    </message>
    <message>
        <source>{taken} served</source>
        <translation>{taken} 个服务中</translation>
    </message>
    <message>
        <source>{taken} served, {pool_queue} in pool&apos;s queue</source>
        <translation>{taken} 个服务中，{pool_queue} 个在池队列</translation>
    </message>
    <message>
        <source>{taken} served, {pool_queue} in the pool&apos;s queue</source>
        <translation>{taken} 个服务中，{pool_queue} 个在工作池的队列中</translation>
    </message>
    <message>
        <source>{taken} served, {pool_queue} queued</source>
        <translation>{taken} 个服务中，{pool_queue} 个排队</translation>
    </message>
</context>
<context>
    <name>views</name>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>曲线</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>请求</translation>
    </message>
    <message>
        <source>Scoreboard</source>
        <translation>记分板</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>源码</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>时间线</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>%</source>
        <translation>%</translation>
    </message>
    <message>
        <source>In the wild: {servers}</source>
        <translation>实际应用：{servers}</translation>
    </message>
    <message>
        <source>MiB</source>
        <translation>MiB</translation>
    </message>
    <message>
        <source>ms</source>
        <translation>ms</translation>
    </message>
    <message>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} 分钟</translation>
    </message>
    <message>
        <source>{minutes} min {n} s</source>
        <translation>{minutes} 分 {n} 秒</translation>
    </message>
    <message>
        <source>{number} of {count}: {model}</source>
        <translation>第 {number} 个，共 {count} 个：{model}</translation>
    </message>
    <message>
        <source>{number}/s</source>
        <translation>{number}/s</translation>
    </message>
    <message>
        <source>{number}k/s</source>
        <translation>{number}k/s</translation>
    </message>
    <message>
        <source>{n} %</source>
        <translation>{n} %</translation>
    </message>
    <message>
        <source>{n} ms</source>
        <translation>{n} ms</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} s</translation>
    </message>
    <message>
        <source>{title} ✗</source>
        <translation>{title} ✗</translation>
    </message>
    <message>
        <source>{title} ✗ {mistake}</source>
        <translation>{title} ✗ {mistake}</translation>
    </message>
    <message>
        <source>µs</source>
        <translation>µs</translation>
    </message>
</context>
<context>
    <name>workers</name>
    <message numerus="yes">
        <source>%Ln greenlet(s)</source>
        <translation>
            <numerusform>%Ln 个协程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln loop(s)</source>
        <translation>
            <numerusform>%Ln 个循环</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln process(es)</source>
        <translation>
            <numerusform>%Ln 个进程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln task(s)</source>
        <translation>
            <numerusform>%Ln 个任务</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln thread(s)</source>
        <translation>
            <numerusform>%Ln 个线程</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln worker(s)</source>
        <translation>
            <numerusform>%Ln 个工作者</numerusform>
        </translation>
    </message>
    <message>
        <source>acceptor</source>
        <translation>accept 者</translation>
    </message>
    <message>
        <source>greenlet {n}</source>
        <translation>协程 {n}</translation>
    </message>
    <message numerus="yes">
        <source>greenlet(s)</source>
        <translation>
            <numerusform>个协程</numerusform>
        </translation>
    </message>
    <message>
        <source>loop</source>
        <translation>循环</translation>
    </message>
    <message>
        <source>loop {n}</source>
        <translation>循环 {n}</translation>
    </message>
    <message numerus="yes">
        <source>loop(s)</source>
        <translation>
            <numerusform>个循环</numerusform>
        </translation>
    </message>
    <message>
        <source>parent</source>
        <translation>父进程</translation>
    </message>
    <message>
        <source>process {n}</source>
        <translation>进程 {n}</translation>
    </message>
    <message numerus="yes">
        <source>process(es)</source>
        <translation>
            <numerusform>个进程</numerusform>
        </translation>
    </message>
    <message>
        <source>task {n}</source>
        <translation>任务 {n}</translation>
    </message>
    <message numerus="yes">
        <source>task(s)</source>
        <translation>
            <numerusform>个任务</numerusform>
        </translation>
    </message>
    <message>
        <source>thread {n}</source>
        <translation>线程 {n}</translation>
    </message>
    <message numerus="yes">
        <source>thread(s)</source>
        <translation>
            <numerusform>个线程</numerusform>
        </translation>
    </message>
    <message>
        <source>worker {n}</source>
        <translation>工作者 {n}</translation>
    </message>
    <message numerus="yes">
        <source>worker(s)</source>
        <translation>
            <numerusform>个工作者</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>workloads</name>
    <message>
        <source>Browsers</source>
        <translation>浏览器</translation>
    </message>
    <message>
        <source>Busy work</source>
        <translation>计算型工作</translation>
    </message>
    <message>
        <source>Clients reset connections, half-close them or send invalid requests: no other client may be affected.</source>
        <translation>客户端重置连接、半关闭连接，或发送无效的请求：别的客户端都不应受影响。</translation>
    </message>
    <message>
        <source>Each client loads a file of 8 MiB again and again: the cost of copying, and of waiting while others send.</source>
        <translation>每个客户端反复加载 8 MiB 的文件：复制的代价，以及等别人发送的代价。</translation>
    </message>
    <message>
        <source>Each client loads a page and its parts over six connections, as a browser does.</source>
        <translation>每个客户端像浏览器那样，用六个连接加载网页及其各部分。</translation>
    </message>
    <message>
        <source>Each client requests a large file and reads it slowly: a server that waits for it serves no other.</source>
        <translation>每个客户端请求一个大文件并慢慢读取：等着它的服务器不能服务别人。</translation>
    </message>
    <message>
        <source>Each client requests the page again after each response, on the same connection if it is kept: raw speed.</source>
        <translation>每个客户端得到响应后再次请求同一网页，连接保持时用同一个连接：纯粹的速度。</translation>
    </message>
    <message>
        <source>Each client sends its request one byte a second: a server with one worker per client needs many workers.</source>
        <translation>每个客户端每秒只发送请求的一个字节：每个客户端一个工作者的服务器需要很多工作者。</translation>
    </message>
    <message>
        <source>Each request opens a new connection: the cost of accepting clients.</source>
        <translation>每个请求新建一个连接：accept 客户端的代价。</translation>
    </message>
    <message>
        <source>Idle crowd</source>
        <translation>大量空闲连接</translation>
    </message>
    <message>
        <source>Large files</source>
        <translation>大文件</translation>
    </message>
    <message>
        <source>New visitors</source>
        <translation>新访客</translation>
    </message>
    <message>
        <source>Rude clients</source>
        <translation>无礼客户端</translation>
    </message>
    <message>
        <source>Slow readers</source>
        <translation>慢读取者</translation>
    </message>
    <message>
        <source>Slow senders</source>
        <translation>慢发送者</translation>
    </message>
    <message>
        <source>Steady visitors</source>
        <translation>稳定访客</translation>
    </message>
    <message>
        <source>The page computes before it responds: only processes can use more than one core.</source>
        <translation>网页在响应之前计算：只有多进程能使用一个以上的核。</translation>
    </message>
    <message>
        <source>The page waits before it responds, as for a database: in a single loop every client waits for the others.</source>
        <translation>网页在响应之前等待，像查数据库那样：在单个循环中，每个客户端都要等别的客户端。</translation>
    </message>
    <message>
        <source>Thousands of clients keep a connection open and send nothing: the cost of an open connection.</source>
        <translation>成千上万个客户端保持连接打开而不发送任何数据：一个打开的连接的代价。</translation>
    </message>
    <message>
        <source>Waiting work</source>
        <translation>等待型工作</translation>
    </message>
</context>
</TS>
