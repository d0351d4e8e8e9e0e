import type { Saying, Values } from './message.ts'
import { chance, integer, pick, type Random, weighted } from './random.ts'
import type { Workspace } from './workspaces.ts'

type Properties = (random: Random, workspace: Workspace) => Values

const projectOf = (random: Random, { index, seats }: Workspace): string =>
  `prj_${index + 1}_${integer(random, 1, 2 + seats)}`

const taskId = (random: Random): string => `tsk_${integer(random, 100_000, 999_999)}`

const PRIORITIES = ['low', 'normal', 'high', 'urgent']

/** What people do in Harbor, how often against all else, and what is known of each occurrence. */
const ACTIONS: readonly (readonly [action: readonly [event: string, properties: Properties], weight: number])[] = [
  [
    [
      'Task Completed',
      (random, workspace) => ({
        project_id: projectOf(random, workspace),
        task_id: taskId(random),
        priority: pick(random, PRIORITIES),
        days_open: integer(random, 0, 21),
        overdue: chance(random, 0.18),
      }),
    ],
    30,
  ],
  [
    [
      'Task Created',
      (random, workspace) => ({
        project_id: projectOf(random, workspace),
        task_id: taskId(random),
        priority: pick(random, PRIORITIES),
        estimate_hours: chance(random, 0.4) ? null : integer(random, 1, 40) / 2,
      }),
    ],
    26,
  ],
  [
    [
      'Comment Added',
      (random, workspace) => ({
        project_id: projectOf(random, workspace),
        task_id: taskId(random),
        text_length: integer(random, 3, 600),
        mentions: integer(random, 0, 3),
      }),
    ],
    18,
  ],
  [
    [
      'File Uploaded',
      (random, workspace) => ({
        project_id: projectOf(random, workspace),
        file_type: pick(random, ['pdf', 'png', 'docx', 'xlsx', 'mp4']),
        size_kb: integer(random, 4, 40_000),
      }),
    ],
    6,
  ],
  [
    [
      'Search Performed',
      (random) => ({
        query: pick(random, ['budget', 'roadmap Q3', "client's brief", 'Größe', '🚀 launch']),
        results: integer(random, 0, 60),
      }),
    ],
    7,
  ],
  [
    [
      'Project Created',
      (random, workspace) => ({
        project_id: projectOf(random, workspace),
        template: pick(random, ['blank', 'kanban', 'sprint', 'marketing launch', 'onboarding']),
        is_private: chance(random, 0.2),
      }),
    ],
    3,
  ],
  [
    [
      'Report Exported',
      (random) => ({
        report: pick(random, ['workload', 'burndown', 'time sheet', 'budget']),
        file_format: pick(random, ['csv', 'pdf', 'xlsx']),
        row_count: integer(random, 5, 5000),
      }),
    ],
    4,
  ],
  [
    [
      'Invite Sent',
      (random, { domain }) => ({
        role: pick(random, ['member', 'admin', 'guest']),
        invitee_domain: chance(random, 0.8) ? domain : 'partner.example',
      }),
    ],
    2,
  ],
  [
    [
      'Integration Connected',
      (random) => ({
        integration: pick(random, ['Slack', 'GitHub', 'Google Drive', 'Figma', 'Jira']),
        connected_by_admin: chance(random, 0.6),
      }),
    ],
    1,
  ],
]

const VIEWS: readonly (readonly [
  view: readonly [name: string, path: (random: Random, workspace: Workspace) => string],
  weight: number,
])[] = [
  [['Dashboard', () => '/app'], 30],
  [['Board', (random, workspace) => `/app/projects/${projectOf(random, workspace)}`], 34],
  [['Timeline', (random, workspace) => `/app/projects/${projectOf(random, workspace)}/timeline`], 12],
  [['Inbox', () => '/app/inbox'], 14],
  [['Reports', () => '/app/reports'], 7],
  [['Settings', () => '/app/settings'], 3],
]

const SITE: readonly (readonly [page: readonly [name: string, path: string], weight: number])[] = [
  [['Home', '/'], 30],
  [['Pricing', '/pricing'], 22],
  [['Features', '/features'], 18],
  [['Customers', '/customers'], 9],
  [['Blog', '/blog/why-plans-slip'], 14],
  [['Docs', '/docs/getting-started'], 7],
]

const VIEW_SHARE = 0.42

/** One thing that a signed-in user does or looks at. */
export function appSaying(random: Random, workspace: Workspace): Saying {
  if (chance(random, VIEW_SHARE)) {
    const [name, path] = weighted(random, VIEWS)
    return { type: 'view', name, path: path(random, workspace) }
  }
  const [event, properties] = weighted(random, ACTIONS)
  return { type: 'track', event, properties: properties(random, workspace) }
}

/** One page of the public site. */
export function siteSaying(random: Random): Saying {
  const [name, path] = weighted(random, SITE)
  return { type: 'view', name, path, anonymous: true }
}
